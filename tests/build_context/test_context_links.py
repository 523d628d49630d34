"""Links in a build context: what they lead to is included unless it is excluded, outside, missing or circular."""

from __future__ import annotations

import os

import pytest

from peak_build_context import context as walk
from peak_build_context import scan_context
from peak_images import ArtifactWarning, build_artifact, inspect_artifact


@pytest.fixture
def tree(tmp_path):
    """Makes a directory from the contents of files; a tuple is where a link points to."""

    def make(files):
        root = tmp_path / "context"
        for name, content in {"Dockerfile": "FROM scratch\n", **files}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, tuple):
                path.symlink_to(*content)
            else:
                path.write_text(content)
        return root

    return make


def files_in(root, **options):
    return [entry.name for entry in scan_context(root, **options).entries if not entry.is_directory]


def link_problems(root, **options):
    return [problem.message for problem in scan_context(root, **options).problems]


def test_link_to_file_is_included_as_the_file(tree):
    root = tree({"d/program": "#!/bin/sh\n", "link": ("d/program",)})
    (root / "d/program").chmod(0o755)
    link = scan_context(root).entries[-1]
    assert (link.name, link.size, link.is_executable, link.is_linked) == ("link", 10, True, True)


def test_link_to_directory_is_included_as_the_directory(tree):
    root = tree({"d/e/a": "", "z": ("d", True)})
    assert [entry.name for entry in scan_context(root).entries] == [
        "Dockerfile",
        "d",
        "d/e",
        "d/e/a",
        "z",
        "z/e",
        "z/e/a",
    ]


def test_many_problems_of_a_kind_are_abridged_but_in_the_report(tree):
    root = tree({f"data/{index:02}": ("nowhere",) for index in range(50)} | {".env": "A=1"})
    report = inspect_artifact(root)
    assert len(report.problems) == 51
    lines = str(report).partition("Problems:\n")[2].splitlines()
    assert len(lines) == 22
    assert lines[-2].startswith("  likely-secret: .env looks like")
    assert lines[-1] == "  link: … and 30 more of this kind"
    with pytest.warns(ArtifactWarning) as caught:
        build_artifact(root).close()
    assert len(caught) == 21


def test_link_in_place_of_the_dockerfile_is_not_advised_to_be_ignored(tree):
    root = tree({"Dockerfile": ("nowhere",), "a": ""})
    assert [message.rpartition(", ")[2] for message in link_problems(root)] == ["and is excluded"]


def test_two_links_to_one_directory_are_both_included(tree):
    root = tree({"d/a": "", "x": ("d", True), "y": ("x", True)})
    assert files_in(root) == ["Dockerfile", "d/a", "x/a", "y/a"]
    assert link_problems(root) == []


# Outside, missing, circular


@pytest.mark.parametrize(
    ("name", "target", "line"),
    [
        (".venv/bin/python", "/usr/bin/env", ".venv"),
        ("app/node_modules/x", "..", "**/node_modules"),
        ("link", "/etc/hostname", "link"),
        ("a/b", "/etc", "a/b"),
        ("[x]*", "/etc", r"\\[x\\]\\*"),
    ],
)
def test_link_to_outside_is_excluded_and_names_the_line_for_dockerignore(tree, tmp_path, name, target, line):
    root = tree({name: (target if target.startswith("/") else tmp_path,)})
    (message,) = link_problems(root)
    assert files_in(root) == ["Dockerfile"]
    assert "outside the directory, and is excluded" in message
    assert message.endswith(f"; add '{line}' to .dockerignore")
    (row,) = inspect_artifact(root).excluded
    assert (row.name, row.pattern) == (name, "")
    assert "outside" in str(row)
    with pytest.warns(ArtifactWarning, match="outside the directory"):
        build_artifact(root).close()


def test_links_of_one_directory_to_outside_are_one_warning(tree):
    names = ("python", "python3", "python3.11")
    root = tree({f".venv/bin/{name}": ("/usr/bin/env",) for name in names})
    (message,) = link_problems(root)
    assert ".venv/bin/python links to" in message
    assert "and 2 more under '.venv'" in message


def test_link_to_outside_by_way_of_another_link_is_excluded(tree, tmp_path):
    (tmp_path / "key").touch()
    root = tree({"z": (tmp_path / "key",), "a": ("z",), "b": (tmp_path,), "c": ("b",)})
    assert files_in(root) == ["Dockerfile"]
    assert len(link_problems(root)) == 4


def test_links_to_outside_are_followed_on_request(tree, tmp_path):
    (tmp_path / "other/deep").mkdir(parents=True)
    (tmp_path / "other/deep/a").touch()
    root = tree({"link": (tmp_path / "other", True)})
    assert files_in(root, follow_external_links=True) == ["Dockerfile", "link/deep/a"]
    with build_artifact(root, follow_external_links=True) as artifact:
        assert artifact.entry_count == 4


@pytest.mark.parametrize("target", ["missing", "d/missing", "link", "../nowhere/x", "x" * 300])
def test_dangling_link_is_excluded_with_a_warning(tree, target):
    root = tree({"link": (target,), "d/a": ""})
    assert files_in(root) == ["Dockerfile", "d/a"]
    (message,) = link_problems(root)
    assert message.startswith("link is a link that leads nowhere (")
    assert message.endswith("and is excluded; add 'link' to .dockerignore")


@pytest.mark.parametrize("target", [".", "..", "../..", "../../other"])
def test_circular_link_is_excluded_with_a_warning(tree, target):
    root = tree({"a/b/file": "", "a/b/link": (target,), "other/back": ("../a", True)})
    assert {"a/b/file", "other/back/b/file"} <= set(files_in(root))
    messages = link_problems(root)
    assert any("which it is in, and is excluded" in message for message in messages)


def test_circular_link_outside_is_excluded(tree, tmp_path):
    (tmp_path / "other/deep").mkdir(parents=True)
    (tmp_path / "other/deep/up").symlink_to(tmp_path / "other")
    root = tree({"link": (tmp_path / "other/deep", True)})
    assert files_in(root, follow_external_links=True) == ["Dockerfile"]
    assert len(link_problems(root, follow_external_links=True)) == 1


def test_pnpm_workspace_is_included(tree):
    root = tree(
        {
            "packages/a/index.js": "a",
            "packages/b/index.js": "b",
            "packages/a/node_modules/b": ("../../b", True),
            "packages/b/node_modules/a": ("../../a", True),
        }
    )
    assert {"packages/a/node_modules/b/index.js", "packages/b/node_modules/a/index.js"} <= set(files_in(root))
    with pytest.warns(ArtifactWarning, match="links back"):
        build_artifact(root).close()


@pytest.mark.parametrize("target", ["nowhere", "..", "."])
def test_ignored_link_is_not_a_warning(tree, target):
    root = tree({".dockerignore": "link\n!link/a\n", "link": (target, True)})
    assert link_problems(root) == []
    assert [(row.name, row.line) for row in inspect_artifact(root).excluded] == [("link", 1)]


# Content that the rules exclude


@pytest.mark.parametrize(
    ("rules", "files", "included"),
    [
        ("private", {"private/customers.csv": "", "latest": ("private", True)}, []),
        ("private", {"private/customers.csv": "", "latest": ("private/customers.csv",)}, []),
        ("private", {"private/deep/c.csv": "", "latest": ("private/deep", True)}, []),
        ("**/*.csv", {"data/c.csv": "", "data/a": "", "latest": ("data", True)}, ["data/a", "latest/a"]),
        (
            "data/secret",
            {"data/secret": "", "data/a": "", "l": ("data", True), "m": ("l", True)},
            ["data/a", "l/a", "m/a"],
        ),
        ("private\n!private/a", {"private/a": "", "private/b": "", "l": ("private", True)}, ["l/a", "private/a"]),
        ("*\n!data/a", {"real/a": "", "real/b": "", "data": ("real", True)}, []),
        ("*\n!data", {"real/a": "", "data": ("real", True)}, []),
        ("link/b", {"d/a": "", "d/b": "", "link": ("d", True)}, ["d/a", "d/b", "link/a"]),
        ("d/x", {"d/x/a": "", "d/y/up": ("../x", True), "d/y/b": "", "l": ("d", True)}, ["d/y/b", "l/y/b"]),
    ],
)
def test_excluded_content_is_not_included_by_way_of_a_link(tree, rules, files, included):
    root = tree({".dockerignore": rules, **files})
    assert [name for name in files_in(root) if name not in (".dockerignore", "Dockerfile")] == included
    with build_artifact(root):
        pass


def test_link_to_excluded_content_names_the_rule_of_the_content(tree):
    root = tree({".dockerignore": "a\nprivate", "private/x": "", "latest": ("private", True)})
    row = next(row for row in inspect_artifact(root).excluded if row.name == "latest")
    assert (row.pattern, row.line, row.reason) == ("private", 2, "")


@pytest.mark.parametrize("source", ["latest", "latest/x"])
def test_copy_of_a_link_to_excluded_content_names_the_rule_of_the_content(tree, source):
    root = tree({".dockerignore": "private", "private/x": "", "latest": ("private", True)})
    (root / "Dockerfile").write_text(f"FROM scratch\nCOPY {source} /\n")
    assert ".dockerignore:1 ('private') excludes it" in inspect_artifact(root).problems[0].message


def test_gitignored_content_is_not_included_by_way_of_a_link(tree):
    root = tree(
        {".gitignore": "*.csv\n/out/\n", "d/a.csv": "", "d/b": "", "out/x": "", "l": ("d", True), "m": ("out", True)}
    )
    assert files_in(root, ignore_files=[".gitignore"]) == [".gitignore", "Dockerfile", "d/b", "l/b"]


# Bounds


def test_entries_that_links_add_are_bounded(tree, monkeypatch):
    monkeypatch.setattr(walk, "_MAX_LINKED", 300)
    links = {f"d{index:02}/{name}": (f"../d{index + 1:02}", True) for index in range(25) for name in "ab"}
    root = tree({**links, "d25/file": ""})
    context = scan_context(root)
    assert len(context.entries) < 1000
    assert any("add more than 300 entries" in problem.message for problem in context.problems)


def test_links_through_many_links_are_bounded(tree):
    root = tree({f"d{index:03}/next": (f"../d{index + 1:03}", True) for index in range(100)} | {"d100/a": ""})
    context = scan_context(root)
    assert max(entry.name.count("/") for entry in context.entries) <= 42
    assert any("too many links" in problem.message for problem in context.problems)


def test_names_through_links_are_no_longer_than_paths_may_be(tree):
    long = "n" * 250
    files = {f"{long}{index:02}/{long}{index + 1:02}": (f"../{long}{index + 1:02}", True) for index in range(30)}
    root = tree({**files, f"{long}30/a": ""})
    assert max(len(entry.name) for entry in scan_context(root).entries) < 4096 + 300


def test_external_target_of_a_link_is_never_opened(tree, tmp_path, monkeypatch):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_text("secret")
    root = tree({"link": (tmp_path / "outside", True)})
    opened = []
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: (opened.append(str(path)), real(path))[1])
    inspect_artifact(root)
    assert str(tmp_path / "outside") not in opened


# Windows


def test_junction_is_a_link_on_windows(tree, monkeypatch):
    class Item:
        def is_symlink(self):
            return False

        def stat(self, *, follow_symlinks):
            assert not follow_symlinks
            return type("Status", (), {"st_reparse_tag": 0xA0000003})

    monkeypatch.setattr(walk, "_IS_WINDOWS", True)
    assert walk._is_link(Item())


def test_every_file_is_executable_on_windows(tree, monkeypatch):
    root = tree({"entrypoint.sh": "#!/bin/sh\n"})
    monkeypatch.setattr(walk, "_IS_WINDOWS", True)
    assert {entry.is_executable for entry in scan_context(root).entries} == {True}
