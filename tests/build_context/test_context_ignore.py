"""Ignore files: how their text becomes patterns, what the patterns leave out, and which of them is to blame."""

from __future__ import annotations

import pytest

from peak_build_context import scan_context
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
    """Which of some files are left by an ignore file with that text."""
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
def test_rules_are_dockers(tmp_path, text, names, left):
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


def test_an_ignore_file_is_looked_for_in_the_context_and_then_in_the_working_directory(tree, tmp_path, monkeypatch):
    root = tree("context/a", "context/b", here="a", both="a") / "context"
    (root / "both").write_text("b")
    monkeypatch.chdir(tmp_path)
    assert files_in("context", ["here"]) == {"b", "both"}
    assert files_in("context", ["both"]) == {"a", "both"}


def test_dockerfile_and_ignore_file_always_travel(tree):
    root = tree("Dockerfile", "a", "deep/er/Dockerfile", "deep/er/b", **{".dockerignore": "*"})
    assert files_in(root) == {".dockerignore", "Dockerfile"}
    context = scan_context(root, dockerfile_path="/deep/er/../er/Dockerfile")
    assert [entry.name for entry in context.entries] == [".dockerignore", "deep", "deep/er", "deep/er/Dockerfile"]


def test_a_folder_that_stays_out_is_walked_into_only_for_what_may_be_brought_back(tree, monkeypatch):
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
def test_the_pattern_to_blame(tree, text, name, pattern):
    report = inspect_artifact(tree("Dockerfile", "z", name, **{".dockerignore": text}))
    row = next(row for row in report.excluded if row.name == name)
    assert (row.pattern, row.ignore_file) == (pattern, ".dockerignore")


@pytest.mark.parametrize("pattern", ["!", "a[", "[", "a\\", "[]a]"])
def test_a_malformed_pattern(tree, pattern):
    root = tree("a", rules=f"# fine\n\n{pattern}\n")
    with pytest.raises(ArtifactError, match="malformed pattern") as caught:
        build_artifact(root, ["rules"])
    assert "'rules', line 3" in str(caught.value)
    assert repr(pattern) in str(caught.value)
    assert (caught.value.field, caught.value.path) == ("artifact.ignore_files", "rules")


def test_a_missing_ignore_file(tree):
    with pytest.raises(ArtifactError, match="there is no ignore file 'nope'") as caught:
        build_artifact(tree("a"), ["nope"])
    assert caught.value.field == "artifact.ignore_files"


def test_an_ignore_file_that_is_a_folder(tree):
    with pytest.raises(ArtifactError, match="'d' is a directory"):
        build_artifact(tree("d/a"), ["d"])


def test_an_ignore_file_that_can_not_be_read(tree, monkeypatch):
    def refuse(path, *_, **__):
        raise PermissionError(13, "Permission denied", path)

    root = tree("a", rules="a")
    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(ArtifactError, match="'rules' can't be read: Permission denied"):
        build_artifact(root, ["rules"])


def test_a_default_ignore_file_that_leads_nowhere_is_an_error_and_not_nothing(tree):
    root = tree("a")
    (root / ".dockerignore").symlink_to("nowhere")
    with pytest.raises(ArtifactError, match=r"\.dockerignore"):
        build_artifact(root)
