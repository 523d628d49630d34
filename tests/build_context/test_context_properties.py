"""Any tree and any ignore file: the artifact holds what the rules say, byte for byte.

The rules are evaluated here once more, plainly and slowly: every path is matched, nothing is pruned.
"""

from __future__ import annotations

import os
import posixpath
import re
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from peak_images import build_artifact, inspect_artifact

NAMES = st.sampled_from(["a", "b", "src", "lib.py", "x.pyc", ".env", "K.md", "Dockerfile"])
TREES = st.dictionaries(
    NAMES,
    st.recursive(st.binary(max_size=8), lambda below: st.dictionaries(NAMES, below, max_size=4), max_leaves=12),
    max_size=5,
)
SEGMENTS = st.one_of(NAMES, st.sampled_from(["*", "**", "*.py*", "?", "s*c", "*b", ".", "..", ""]))
PATTERNS = st.builds(
    lambda before, bang, between, segments, after: before + bang + between + "/".join(segments) + after,
    st.sampled_from(["", " ", "\t"]),
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", " ", "./", "/"]),
    st.lists(SEGMENTS, min_size=1, max_size=3),
    st.sampled_from(["", "", "/", " ", "\r"]),
)
LINES = st.lists(st.one_of(PATTERNS, st.sampled_from(["", "# a", "*", "**/a", "!src", "!**/K.md"])), max_size=6)


def parsed(text):
    rules = []
    for line in text.removeprefix("\ufeff").split("\n"):
        pattern = line.strip()
        if not pattern or line.startswith("#"):
            continue
        is_negated = pattern.startswith("!")
        pattern = posixpath.normpath(re.sub("/+", "/", pattern.removeprefix("!").strip() if is_negated else pattern))
        rules.append((is_negated, as_regex(pattern.removeprefix("/") or "/")))
    return rules


def as_regex(pattern):
    pieces = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    tokens = re.findall(r"\*\*/?|\*|\?|[^*?]+", pattern)
    # What ends in "**/" has nothing after it to be at any depth: it is the same as "**".
    body = "".join(pieces.get(token) or re.escape(token) for token in tokens)
    return re.compile(body + r"\Z", re.DOTALL)


def evaluate(path, rules):
    """Return whether a path is excluded, and which rules matched it: the last one that can change the state decides."""
    parent = posixpath.dirname(path)
    inherited = evaluate(parent, rules)[1] if parent else [False] * len(rules)
    is_excluded, matched = False, []
    for (is_negated, regex), above in zip(rules, inherited, strict=True):
        matches = above or (is_negated == is_excluded and bool(regex.match(path)))
        matched.append(matches)
        if matches:
            is_excluded = not is_negated
    return is_excluded, matched


def flattened(tree, prefix=""):
    for name, content in tree.items():
        yield prefix + name, content if isinstance(content, bytes) else None
        if isinstance(content, dict):
            yield from flattened(content, f"{prefix}{name}/")


def expected(tree, text):
    rules = parsed(text)
    paths = {**dict(flattened(tree)), ".dockerignore": text.encode()}
    always = {".dockerignore", *({"Dockerfile"} if isinstance(paths.get("Dockerfile"), bytes) else ())}
    stay = {path for path in paths if path in always or not evaluate(path, rules)[0]}
    stay |= {parent.as_posix() for path in stay for parent in Path(path).parents} - {"."}
    return {path if paths[path] is not None else f"{path}/": paths[path] or b"" for path in stay}


def write(tree, root):
    for path, content in flattened(tree):
        target = root / path
        if content is None:
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


@pytest.mark.no_cover
@settings(max_examples=150, deadline=None)
@given(TREES, LINES, st.booleans())
def test_entries_match_the_ignore_rules(tree, lines, has_mark):
    text = "\ufeff" * has_mark + "\n".join(lines)
    assume(not any(line.replace("\r", "").strip(" \t").rstrip() == "!" for line in lines))
    wanted = expected(tree, text)
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory, "context")
        root.mkdir()
        write(tree, root)
        (root / ".dockerignore").write_bytes(text.encode())
        report = inspect_artifact(root)
        files = {name: content for name, content in wanted.items() if not name.endswith("/")}
        assert {file.name: file.size for file in report.files} == {name: len(files[name]) for name in files}
        assert not {row.name for row in report.excluded} & files.keys()
        if files.keys() == {".dockerignore"}:
            assert report.problems[0].kind == "empty"
            return
        with build_artifact(root) as artifact, zipfile.ZipFile(artifact.file) as archive:
            assert {item.filename: archive.read(item) for item in archive.infolist()} == wanted


RAW_NAMES = st.binary(min_size=1, max_size=12) if sys.platform == "linux" else st.text(min_size=1).map(os.fsencode)
ODD_NAMES = RAW_NAMES.filter(lambda name: not {0, ord("/")} & set(name) and name not in (b".", b"..", b".dockerignore"))


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(ODD_NAMES, st.one_of(st.none(), st.binary(), st.binary().map(lambda data: data * 5000))).filter(
        lambda tree: any(content is not None for content in tree.values())
    )
)
def test_unzipped_archive_equals_the_tree(tree):
    with tempfile.TemporaryDirectory() as directory:
        for name, content in tree.items():
            path = Path(directory, os.fsdecode(name))
            path.mkdir() if content is None else path.write_bytes(content)
        with build_artifact(directory, max_size=None) as artifact, zipfile.ZipFile(artifact.file) as archive:
            found = {raw_name(item): archive.read(item) for item in archive.infolist()}
    assert found == {name + b"/" * (content is None): content or b"" for name, content in tree.items()}


def raw_name(item):
    return item.orig_filename.encode("utf-8" if item.flag_bits & 0x800 else "cp437")
