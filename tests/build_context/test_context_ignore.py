"""Ignore files: how their text becomes patterns, what the patterns leave out, and which of them is to blame."""

from __future__ import annotations

import tracemalloc

import pytest

from peak_build_context import scan_context
from peak_build_context.ignore import parse_docker_rules
from peak_images import build_artifact, inspect_artifact
from peak_images.errors import ArtifactError


@pytest.fixture
def tree(tmp_path):
    """Makes a tree of files from their names, each holding its name."""

    def make(*names, **contents):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
        for name, content in contents.items():
            (tmp_path / name).write_text(content)
        return tmp_path

    return make


def files_in(path, ignore_files=None):
    return {entry.name for entry in scan_context(path, ignore_files).entries if not entry.is_directory}


def left_by(tmp_path, text, *names):
    """Return which of some files are left by an ignore file with that text."""
    for name in names:
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    ignore_file = tmp_path / "ignore"
    ignore_file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return files_in(tmp_path / "tree", [ignore_file])


@pytest.mark.parametrize(
    ("text", "names", "left"),
    [
        ("a", ["a", "d/a"], {"d/a"}),
        ("**/a", ["a", "d/a", "d/e/a"], set()),
        ("*.md", ["a.md", "docs/a.md"], {"docs/a.md"}),
        ("data", ["data", "src/data/model.json"], {"src/data/model.json"}),
        ("a?", ["ab", "a", "abc"], {"a", "abc"}),
        ("[^a]x", ["ax", "bx"], {"ax"}),
        ("[!a]x", ["ax", "bx"], {"bx"}),
        ("A", ["a", "A"], {"a"}),
        ("d/**", ["d/a", "d/e/a", "e"], {"e"}),
        ("*\n!src", ["a", "src/a", "backup/src/.env"], {"src/a"}),
        ("*\n!a\na", ["a", "b"], set()),
        ("**/*.pyc\n!src", ["src/x.pyc", "src/x.py"], {"src/x.py"}),
        ("d\n!d/e/a", ["d/a", "d/e/a", "d/e/b"], {"d/e/a"}),
        ("./a\nb//c\nd/../e\nf/\n/g", ["a", "b/c", "e", "f", "g", "h"], {"h"}),
        ("  a  \n\n \n! \tb\nb", ["a", "b", "c"], {"c"}),
        ("# a\n #b\nc", ["# a", "#b", "c", "d"], {"# a", "d"}),
        ("a\r\nb\r\n", ["a", "b", "c"], {"c"}),
        ("\ufeff.env\nb", [".env", "b", "c"], {"c"}),
        (b"\xff", ["a", b"\xff".decode("utf-8", "surrogateescape")], {"a"}),
        (r"\*", ["*", "a"], {"a"}),
    ],
)
def test_dockerignore_follows_dockers_rules(tmp_path, text, names, left):
    assert left_by(tmp_path, text, *names) == left


def test_dockerignore_is_read_unless_another_is_named(tree):
    root = tree("a", "b", **{".dockerignore": "a", "other": "b"})
    assert files_in(root) == {".dockerignore", "b", "other"}
    assert files_in(root, []) == {".dockerignore", "b", "other"}
    assert files_in(root, ["other"]) == {".dockerignore", "a", "other"}


def test_several_ignore_files_count_in_their_order(tree):
    root = tree("a", "b", one="a\nb", two="!a")
    assert files_in(root, ["one", "two"]) == {"a", "one", "two"}
    assert files_in(root, ["two", "one"]) == {"one", "two"}


def test_ignore_file_is_found_in_the_context_first_then_in_the_working_directory(tree, tmp_path, monkeypatch):
    root = tree("context/a", "context/b", here="a", both="a") / "context"
    (root / "both").write_text("b")
    monkeypatch.chdir(tmp_path)
    assert files_in("context", ["here"]) == {"b", "both"}
    assert files_in("context", ["both"]) == {"a", "both"}


def test_dockerfile_and_ignore_file_are_always_included(tree):
    root = tree("Dockerfile", "a", "deep/er/Dockerfile", "deep/er/b", **{".dockerignore": "*"})
    assert files_in(root) == {".dockerignore", "Dockerfile"}
    context = scan_context(root, dockerfile_path="/deep/er/../er/Dockerfile")
    assert [entry.name for entry in context.entries] == [".dockerignore", "deep", "deep/er", "deep/er/Dockerfile"]


@pytest.mark.parametrize("rules", ["d\n!**/keep\n", "*\n!**/keep\n!Dockerfile\n", "**\n!d/keep/deep\n"])
def test_fully_excluded_directory_is_one_row_though_something_could_be_reincluded(tree, rules):
    root = tree("Dockerfile", "d/a", "d/b", "d/e/f/g", "d/e/h", "z", **{".dockerignore": rules})
    assert [row.name for row in inspect_artifact(root).excluded if row.name != "z"] == ["d"]


def test_partly_excluded_directory_is_a_row_for_each_excluded_entry(tree):
    root = tree("Dockerfile", "d/a", "d/b/c", "d/b/d", "d/e/keep", **{".dockerignore": "d\n!**/keep\n"})
    assert [row.name for row in inspect_artifact(root).excluded] == ["d/a", "d/b"]


def test_excluded_directory_is_walked_only_if_a_rule_may_reinclude_something(tree, monkeypatch):
    root = tree("out/a", "maybe/keep/a", "maybe/b", "d/c", **{".dockerignore": "out\nmaybe\n!maybe/keep"})
    opened = []
    scandir = __import__("os").scandir
    monkeypatch.setattr("os.scandir", lambda path: (opened.append(str(path)), scandir(path))[1])
    context = scan_context(root)
    assert opened == [str(root), str(root / "d"), str(root / "maybe"), str(root / "maybe/keep")]
    assert [entry.name for entry in context.entries] == [
        ".dockerignore",
        "d",
        "d/c",
        "maybe",
        "maybe/keep",
        "maybe/keep/a",
    ]
    assert [row.name for row in context.excluded] == ["maybe/b", "out"]


@pytest.mark.parametrize(
    ("text", "name", "pattern"),
    [
        ("b\na", "a", "a"),
        ("a\n*", "a", "a"),
        ("a\n!a\n./a", "a", "./a"),
        ("d\n!d/a\nd/*", "d/a", "d/*"),
        ("*\nd\n!d/b", "d/a", "*"),
        ("a\n!b\n*a", "a", "a"),
    ],
)
def test_report_names_the_deciding_pattern(tree, text, name, pattern):
    report = inspect_artifact(tree("Dockerfile", "z", name, **{".dockerignore": text}))
    row = next(row for row in report.excluded if row.name == name)
    assert (row.pattern, row.ignore_file) == (pattern, ".dockerignore")


@pytest.mark.parametrize("pattern", ["!", "a[", "[", "a\\", "[]a]"])
def test_malformed_pattern_is_an_error(tree, pattern):
    root = tree("a", rules=f"# fine\n\n{pattern}\n")
    with pytest.raises(ArtifactError, match="malformed pattern") as caught:
        build_artifact(root, ["rules"])
    assert "'rules', line 3" in str(caught.value)
    assert repr(pattern) in str(caught.value)
    assert (caught.value.field, caught.value.path) == ("artifact.ignore_files", "rules")


def test_missing_ignore_file_is_an_error(tree):
    with pytest.raises(ArtifactError, match="there is no ignore file 'nope'") as caught:
        build_artifact(tree("a"), ["nope"])
    assert caught.value.field == "artifact.ignore_files"


def test_directory_as_ignore_file_is_an_error(tree):
    with pytest.raises(ArtifactError, match="'d' is a directory"):
        build_artifact(tree("d/a"), ["d"])


def test_unreadable_ignore_file_is_an_error(tree, monkeypatch):
    def refuse(path, *_, **__):
        raise PermissionError(13, "Permission denied", path)

    root = tree("a", rules="a")
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(ArtifactError, match="'rules' can't be read: Permission denied"):
        build_artifact(root, ["rules"])


def test_dangling_link_as_default_ignore_file_is_an_error(tree):
    root = tree("a")
    (root / ".dockerignore").symlink_to("nowhere")
    with pytest.raises(ArtifactError, match=r"\.dockerignore"):
        build_artifact(root)


# Which file, and by whose rules


def included(root, **options):
    return {entry.name for entry in scan_context(root, **options).entries if not entry.is_directory}


def test_gitignore_follows_gits_rules(tree):
    root = tree("a.csv", "d/a.csv", "d/.env", "src/__pycache__/x", "src/a.py", "build/x", "src/build/keep")
    (root / ".gitignore").write_text(".env\n*.csv\n__pycache__/\n/build/\n")
    assert included(root, ignore_files=[".gitignore"]) == {".gitignore", "src/a.py", "src/build/keep"}


def test_last_file_that_decides_counts(tree):
    root = tree("a.csv", "d/a.csv", "d/b.csv", "src/x", "keep")
    (root / ".gitignore").write_text("*.csv\nsrc\n")
    (root / ".dockerignore").write_text("keep\n!d/a.csv\n")
    rest = {".gitignore", ".dockerignore"}
    assert included(root, ignore_files=[".gitignore", ".dockerignore"]) == rest | {"d/a.csv"}
    assert included(root, ignore_files=[".dockerignore", ".gitignore"]) == rest
    report = inspect_artifact(root, [".gitignore", ".dockerignore"])
    assert {(row.name, row.ignore_file, row.line) for row in report.excluded} == {
        ("a.csv", ".gitignore", 1),
        ("d/b.csv", ".gitignore", 1),
        ("keep", ".dockerignore", 1),
        ("src", ".gitignore", 2),
    }


def test_line_that_excludes_a_directory_overrules_earlier_lines_that_include_in_it(tree):
    root = tree("env/a/.env.example", ".env.example", **{".dockerignore": "!**/.env.example\nenv\n.env*"})
    assert [row.name for row in scan_context(root).excluded] == [".env.example", "env"]


def test_gitignore_lets_a_later_file_reinclude_below_its_excluded_directory(tree):
    root = tree("dist/app.js", "dist/app.map", "dist/sub/x")
    (root / ".gitignore").write_text("dist/\n")
    (root / ".dockerignore").write_text("!dist/app.js\n")
    assert included(root, ignore_files=[".gitignore", ".dockerignore"]) == {
        ".gitignore",
        ".dockerignore",
        "dist/app.js",
    }


def test_later_gitignore_reincludes_what_an_earlier_file_excludes(tree):
    root = tree("a/x.log", "a/y.log")
    (root / "rules").write_text("**/*.log\na")
    (root / ".gitignore").write_text("!x.log\n")
    assert included(root, ignore_files=["rules", ".gitignore"]) == {"rules", ".gitignore", "a/x.log"}


def test_gitignore_above_the_context_is_relative_to_its_own_directory(tree, tmp_path, monkeypatch):
    tree("app/data/x", "app/src/data/y", "app/a.csv")
    (tmp_path / ".gitignore").write_text("/app/data\n*.csv\n")
    monkeypatch.chdir(tmp_path)
    assert included("app", ignore_files=[".gitignore"]) == {"src/data/y"}


def test_gitignore_in_a_directory_is_about_that_directory(tree):
    root = tree("a.csv", "sub/a.csv", "sub/deep/a.csv")
    (root / "sub/.gitignore").write_text("/a.csv\n")
    assert included(root, ignore_files=["sub/.gitignore"]) == {"a.csv", "sub/.gitignore", "sub/deep/a.csv"}


def test_dockerfiles_own_ignore_file_replaces_the_general_one(tree):
    root = tree("Dockerfile", "src/a", "data/b", "docker/Dockerfile")
    (root / ".dockerignore").write_text("data")
    (root / "Dockerfile.dockerignore").write_text("src")
    (root / "docker/Dockerfile.dockerignore").write_text("*")
    names = {".dockerignore", "Dockerfile", "Dockerfile.dockerignore", "docker/Dockerfile"}
    names |= {"docker/Dockerfile.dockerignore"}
    assert included(root) == names | {"data/b"}
    assert included(root, dockerfile_path="docker/Dockerfile") == {
        "docker/Dockerfile",
        "docker/Dockerfile.dockerignore",
    }
    assert included(root, dockerfile_path="other") == names | {"src/a"}
    assert included(root, ignore_files=[".dockerignore"]) == names | {"src/a"}


def test_ignore_file_of_the_directory_that_is_built_is_the_one_that_docker_reads(tree):
    root = tree("Dockerfile", ".git/x", "sub/src/a", "sub/data/b", "data/c")
    (root / ".dockerignore").write_text(".git\nsub/src\nsub\n**/data\n")
    (root / "sub/.dockerignore").write_text("data\n")
    names = {"Dockerfile", ".dockerignore", "sub/.dockerignore"}
    assert included(root, build_context="sub") == names | {"sub/src/a"}
    (root / "sub/.dockerignore").unlink()
    assert included(root, build_context="/sub/") == {"Dockerfile", ".dockerignore", "sub/src/a", "sub/data/b"}
    (root / "Dockerfile.dockerignore").write_text("src")
    assert "sub/src/a" not in included(root, build_context="sub")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("secret\n".encode("utf-16"), "rules: is UTF-16"),
        (b"\xfe\xff" + "secret\n".encode("utf-16-be"), "rules: is UTF-16"),
        (b"a\nsec\0ret\n", "rules:2: a line with a NUL"),
        ("secret\n".encode("utf-16-le"), "rules:1: a line with a NUL"),
        (b"a\r\n\rb\rsecret\r\n", "rules:2: a line with a carriage return"),
        (rb"data\docs", r"rules:1: 'data\\docs' takes the backslash for an escape; write 'data/docs'"),
        (rb"a" + b"\n" + rb"!src\win", "rules:2: "),
        (
            b"# a\n#b # c\nx#y\nsecret  # keys",
            "rules:4: 'secret  # keys' is a pattern as a whole: put the comment on a",
        ),
    ],
)
def test_ineffective_ignore_file_is_a_warning(tree, content, said):
    root = tree("Dockerfile", "secret")
    (root / "rules").write_bytes(content)
    problems = scan_context(root, ["rules"]).problems
    assert [(problem.kind, problem.path) for problem in problems] == [("ignore-file", "rules")]
    assert problems[0].message.startswith(said)


@pytest.mark.parametrize("text", [r"src\app", "*[", "[[:nope:]]", "a\\", "a # b"])
def test_ineffective_gitignore_pattern_is_a_warning(tree, text):
    root = tree("Dockerfile", **{".gitignore": f"b\n{text}\n"})
    (problem,) = scan_context(root, [".gitignore"]).problems
    assert problem.message.startswith(f".gitignore:2: {text!r}")


@pytest.mark.parametrize("pattern", [r"private\key.pem", r"src\migrations", r"!a\yes", r"etc\prod", r"src\x"])
def test_backslash_between_directories_is_an_error_with_a_hint(tree, pattern):
    with pytest.raises(ArtifactError, match=r"line 1: malformed pattern .*between directories write /"):
        build_artifact(tree("a", **{".dockerignore": pattern}))


def test_memory_of_many_lines_grows_in_proportion():
    content = "".join(f"x{number}\n" for number in range(40_000)).encode()

    tracemalloc.start()
    rules = parse_docker_rules(content, ".dockerignore")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 60 << 20
    assert rules.match_path("x39999/file").excluded_by.line == 40_000
    assert rules.match_path("y").excluded_by is None
