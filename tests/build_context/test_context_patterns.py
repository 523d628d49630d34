"""The pattern engine: Docker's, git's and COPY's dialects, against git itself and against moby's rules."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peak_build_context.ignore import read_ignore_files
from peak_build_context.patterns import (
    MAX_LENGTH,
    PatternError,
    copy_pattern,
    docker_pattern,
    git_pattern,
)

HAS_GIT = shutil.which("git") is not None


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("a", ["a"], ["b", "a/b", "A"]),
        ("**/a", ["a", "d/a", "d/e/a"], ["ba", "a/b"]),
        ("**a", ["a", "ba", "d/ba"], ["ab"]),
        ("**a*", ["a", "d/ab"], ["ba"]),
        ("a**b", ["ab", "ax/b"], ["axb"]),
        ("a**", ["a", "ab", "a/b"], ["ba"]),
        ("d/**", ["d/a", "d/e/a"], ["d"]),
        ("**/*.py", ["a.py", "d/a.py", ".py"], ["a.pyc"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb"]),
        ("**/x/**/y/**/z", ["x/y/z", "a/x/b/y/c/z"], ["x/z", "x/y/za"]),
        ("***/a", ["b/a", "c/b/a"], ["a/b"]),
        ("a?c", ["abc"], ["a/c", "ac"]),
        ("[^a]x", ["bx", "/x"], ["ax"]),
        ("[!a]x", ["!x", "ax"], ["bx"]),
        ("[a-c\\]]", ["b", "]"], ["d", "-"]),
        ("[[:digit:]]*", ["1", "12"], ["a1", ":"]),
        (r"\*a", ["*a"], ["ba"]),
        ("(a|b)+.c$", ["(a|b)+.c$"], ["a.c"]),
        ("[é-ü]", ["ö"], ["z"]),
        ("a]b", ["a]b"], ["ab"]),
    ],
)
def test_docker_pattern_matches_as_moby_does(pattern, matching, others):
    compiled = docker_pattern(pattern)
    assert [name for name in (*matching, *others) if compiled.matches(name)] == matching


@pytest.mark.parametrize(
    "pattern",
    ["[", "a[b", "[]a]", "[-a]", "[a-]", "[z-a]", "[^]", "a\\", "[\\", "[a\\", r"private\key.pem", r"a\é", "a" * 4097],
)
def test_malformed_docker_pattern_is_an_error(pattern):
    with pytest.raises(PatternError):
        docker_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("*.py", ["a.py"], ["d/a.py"]),
        ("src/**/deep.py", ["src/a/deep.py"], ["src/deep.py", "src/a/b/deep.py"]),
        ("**", ["a"], ["a/b"]),
        ("[^a]b", ["cb"], ["ab"]),
        ("[z-a]", [], ["z", "a", "m"]),
        (r"\k", ["k"], ["\\k"]),
        ("uv.lock*", ["uv.lock", "uv.lock2"], ["uv.loc"]),
    ],
)
def test_copy_wildcards_match_as_go_does(pattern, matching, others):
    compiled = copy_pattern(pattern)
    assert [name for name in (*matching, *others) if compiled.matches(name)] == matching


@pytest.mark.parametrize("parse", [docker_pattern, copy_pattern, git_pattern])
@pytest.mark.parametrize(
    "pattern",
    ["a*" * 30 + "b", "*a" * 30 + "b", "**/a" * 30 + "b", "**/*a" * 20 + "/b", "[ab]*" * 30 + "c", "?*" * 40 + "b"],
)
def test_hostile_pattern_takes_linear_time(parse, pattern):
    # Each further wildcard multiplies the time of a backtracking matcher: this would take longer than any timeout.
    compiled = parse(pattern)
    assert not compiled.matches("a" * 250)
    assert not compiled.matches("/".join("a" * 2000))
    assert isinstance(compiled.may_match_under("a" * 250), bool)


def test_longest_pattern_with_every_loop_is_matched_in_linear_time():
    compiled = docker_pattern(("*a" * MAX_LENGTH)[:MAX_LENGTH])
    assert not compiled.matches("b" * 4096)
    assert not compiled.matches("a" * 2047)
    assert compiled.matches("a" * 2048)


@pytest.mark.parametrize(
    ("pattern", "directory", "may"),
    [
        ("d/a", "d", True),
        ("d/a", "e", False),
        ("**/a", "d", True),
        ("d/*/a", "d/e", True),
        ("d/*/a", "d/e/f", False),
        ("d", "d", False),
        ("d/**", "d/e", True),
        ("[d-f]/x", "e", True),
    ],
)
def test_pattern_may_match_under_directory(pattern, directory, may):
    assert docker_pattern(pattern).may_match_under(directory) is may


def as_moby_regex(pattern):
    """Return the regular expression that moby makes, apart from classes and escapes."""
    if re.fullmatch(r"\*\*[^*?/][^*?]*", pattern):
        return re.compile(".*" + re.escape(pattern[2:]), re.DOTALL)
    parts = {"*": "[^/]*", "?": "[^/]"}
    text = ""
    tokens = re.findall(r"\*\*/?|\*|\?|[^*?]+", pattern)
    for index, token in enumerate(tokens):
        if token.startswith("**"):
            text += ".*" if index == len(tokens) - 1 else "(.*/)?"
        else:
            text += parts.get(token) or re.escape(token)
    return re.compile(text, re.DOTALL)


@pytest.mark.no_cover
@settings(max_examples=600, deadline=None)
@given(
    st.lists(st.sampled_from(["*", "**", "?", "a", "b", "/", "ab"]), min_size=1, max_size=7).map("".join),
    st.lists(st.sampled_from(["a", "b", "/", "ab"]), min_size=1, max_size=8).map("".join),
)
def test_docker_patterns_match_what_mobys_regex_matches(pattern, name):
    assert docker_pattern(pattern).matches(name) == bool(as_moby_regex(pattern).fullmatch(name))


@pytest.mark.no_cover
@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(["*", "**/", "?", "a", "b", "/", "[ab]"]), min_size=1, max_size=6).map("".join),
    st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=4).map("/".join),
    st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=4).map("/".join),
)
def test_pruned_directory_holds_no_match(pattern, directory, name):
    compiled = docker_pattern(pattern)
    if compiled.matches(f"{directory}/{name}"):
        assert compiled.may_match_under(directory)


# git's rules, compared with git

GIT_NAMES = ["a", "b", "ab", "ax", "x.py", "[a]", "é", " ", "!a", "#a"]
GIT_TOKENS = ["a", "b", "x", "*", "**", "?", "[ab]", "[!a]", "[^x]", "[a-", "[]a]", "[[:alpha:]]", "\\", ".py", "é"]
GIT_PARTS = st.lists(st.sampled_from(GIT_TOKENS), min_size=1, max_size=3).map("".join)
GIT_LINES = st.builds(
    lambda bang, start, parts, end: bang + start + "/".join(parts) + end,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "/", "**/", "\\"]),
    st.lists(GIT_PARTS | st.sampled_from(GIT_NAMES), min_size=1, max_size=3),
    st.sampled_from(["", "", "/", "/**", " ", "\\ ", "\r", "  "]),
)
GIT_TREES = st.sets(st.lists(st.sampled_from(GIT_NAMES), min_size=1, max_size=3).map("/".join), min_size=1, max_size=8)


def included_by_git(root):
    command = ["git", "-c", "core.excludesFile=/dev/null", "ls-files", "-z", "-o", "--exclude-standard"]
    output = subprocess.run(command, cwd=root, check=True, capture_output=True).stdout
    return {os.fsdecode(name) for name in output.split(b"\0") if name}


def included_by_us(root, names):
    rules = read_ignore_files(str(root), [".gitignore"]).rules
    return {name for name in names if rules.match_path(name).excluded_by is None}


def write_tree(root, files):
    """Write files, unless one is where a directory must be; return the names of those written."""
    for name, content in files.items():
        path = root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError:
            continue
    return {
        path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file() and ".git/" not in f"{path}"
    }


@pytest.fixture(scope="module")
def git_directory():
    made = Path(tempfile.mkdtemp()).resolve() / "repository"
    made.mkdir()
    subprocess.run(["git", "init", "-q", made], check=True)
    yield made
    shutil.rmtree(made.parent)


def check_against_git(repository, files):
    for item in repository.iterdir():
        if item.name != ".git":
            shutil.rmtree(item) if item.is_dir() else item.unlink()
    names = write_tree(repository, files)
    assert included_by_us(repository, names) == included_by_git(repository)


@pytest.mark.no_cover
@pytest.mark.skipif(not HAS_GIT, reason="requires git")
@settings(max_examples=300, deadline=None)
@given(st.lists(GIT_LINES, max_size=5), GIT_TREES)
def test_gitignore_excludes_what_git_excludes(git_directory, lines, names):
    files = dict.fromkeys(sorted(names), b"")
    check_against_git(git_directory, {**files, ".gitignore": os.fsencode("\n".join(lines))})


@pytest.mark.no_cover
@pytest.mark.skipif(not HAS_GIT, reason="requires git")
@settings(max_examples=100, deadline=None)
@given(st.lists(GIT_LINES, max_size=3), st.lists(GIT_LINES, max_size=3), GIT_TREES)
def test_nested_gitignore_excludes_what_git_excludes(git_directory, lines, nested_lines, names):
    files = dict.fromkeys(sorted(names), b"")
    files |= {"a/.gitignore": os.fsencode("\n".join(nested_lines)), ".gitignore": os.fsencode("\n".join(lines))}
    check_against_git(git_directory, files)


@pytest.mark.skipif(not HAS_GIT, reason="requires git")
@pytest.mark.parametrize(
    "text",
    [
        b".env\n*.csv\n__pycache__/\n",
        b"/b/ax/\n!/[ab]/\n",
        b"a\n!a/b\n",
        b"a/*\n!a/b\n",
        b"\xef\xbb\xbfa\n",
        b"a\r\nb\r\n",
        b"a**/b\n",
        b"foo**/b\n",
        b"[x]**/b\n",
        b"a/**\\/b\n",
        b"\\!a\n\\#a\n",
        b"a\\ \n \\ \n",
        b"a\0b\n",
        b"?",
        b"??",
        b"\xe9",
        b"/\n!\n//\n",
        b"a[[:upper:][:digit:]]\n",
        b"[[:nope:]]\n*[\n",
    ],
)
def test_gitignore_samples_exclude_what_git_excludes(git_directory, text):
    names = ["a/b", "b/ax/c", "d/.env", "d/x.csv", "d/__pycache__/x", "a1", "aA", "foo/x/b", "fooz/b", "x/z/b", "!a"]
    names += ["#a", "a ", "é", "\udce9", "b/a/b", "e/[", " "]
    check_against_git(git_directory, {**dict.fromkeys(names, b""), ".gitignore": text})


@pytest.mark.no_cover
@given(st.text("ab/*?", min_size=1, max_size=8), st.text("ab/", min_size=1, max_size=12))
@settings(max_examples=500, deadline=None)
def test_automaton_of_many_stars_matches_as_a_regular_expression_does(text, name):
    pattern = f"*a*{text}*"  # more stars than a regular expression is made of
    regex = re.escape(re.sub(r"\*+", "*", pattern)).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")

    assert copy_pattern(pattern).matches(name) == bool(re.fullmatch(regex, name))
