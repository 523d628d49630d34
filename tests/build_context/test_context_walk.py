"""The walk: what may be given, links, special files, and what can't be read."""

from __future__ import annotations

import os
import shutil
import socket
import sys

import pytest

from peak_build_context import BuildContextError, scan_context
from peak_images import build_artifact, inspect_artifact
from peak_images.errors import ArtifactError, ArtifactWarning


def names(path, **options):
    return [entry.name for entry in scan_context(path, **options).entries]


@pytest.fixture
def context(tmp_path):
    root = tmp_path / "context"
    root.mkdir()
    (root / "Dockerfile").write_text("FROM scratch\n")
    return root


def test_entries_are_sorted_with_a_directory_before_its_content(context):
    for name in ("b/c", "a.txt", "a/z", "a/b/c", "B"):
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).touch()
    (context / "empty").mkdir()
    assert names(context) == ["B", "Dockerfile", "a", "a/b", "a/b/c", "a/z", "a.txt", "b", "b/c", "empty"]


def test_context_path_may_be_str_or_path_or_a_link(context, tmp_path):
    (tmp_path / "link").symlink_to(context)
    (context / "inside").symlink_to(context / "Dockerfile")
    for path in (context, str(context), tmp_path / "link"):
        assert names(path) == ["Dockerfile", "inside"]


def test_empty_path_is_the_working_directory(context, monkeypatch):
    monkeypatch.chdir(context)
    for path in ("", "."):
        assert scan_context(path).root == str(context)


@pytest.mark.parametrize("path", ["~nobody-of-this-name/app", "~nobody-of-this-name"])
def test_tilde_of_an_unknown_user_is_an_error_without_a_hint(path):
    with pytest.raises(BuildContextError, match=f"there is no directory '{path}'$"):
        scan_context(path)


@pytest.mark.parametrize("path", ["file/below", "nul\0"])
def test_invalid_path_is_an_error(tmp_path, path):
    (tmp_path / "file").touch()
    with pytest.raises(BuildContextError, match="there is no directory"):
        scan_context(f"{tmp_path}/{path}")


def test_path_without_permission_is_an_error(context, monkeypatch):
    deny(monkeypatch, "stat", "context")
    with pytest.raises(BuildContextError, match=r"context' can't be read: Permission denied"):
        scan_context(context)


def test_tilde_that_nobody_expanded_is_an_error_with_the_path_to_write(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    with pytest.raises(ArtifactError, match="there is no directory '~/app'; a ~ isn't expanded: write '/home/me/app'"):
        build_artifact("~/app")


def test_missing_directory_is_an_error(tmp_path):
    with pytest.raises(ArtifactError, match=r"there is no directory '.*nope'") as caught:
        build_artifact(tmp_path / "nope")
    assert caught.value.path == str(tmp_path / "nope")
    assert caught.value.field == "artifact.path"


@pytest.mark.parametrize(("name", "hint"), [("main.py", "is a file"), ("Dockerfile.dev", "is a Dockerfile")])
def test_file_as_context_is_an_error(tmp_path, name, hint):
    (tmp_path / name).touch()
    with pytest.raises(ArtifactError, match=hint) as caught:
        build_artifact(tmp_path / name)
    assert name in str(caught.value)


def test_empty_directory_is_an_error(tmp_path):
    (tmp_path / "only" / "folders").mkdir(parents=True)
    with pytest.raises(ArtifactError, match="there is no file in") as caught:
        build_artifact(tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert [problem.kind for problem in inspect_artifact(tmp_path).problems] == ["empty", "dockerfile-missing"]


def test_ignoring_everything_is_an_error(tmp_path):
    (tmp_path / "a").touch()
    (tmp_path / ".dockerignore").write_text("*")
    with pytest.raises(ArtifactError, match="the ignore files leave nothing of"):
        build_artifact(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="no FIFOs")
def test_special_files_are_skipped_with_a_warning(context, tmp_path, monkeypatch):
    os.mkfifo(context / "fifo")
    (context / "link").symlink_to("fifo")
    monkeypatch.chdir(context)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        with pytest.warns(ArtifactWarning) as caught, build_artifact(context) as artifact:
            assert artifact.entry_count == 1
    assert [str(warning.message).partition(" ")[0] for warning in caught] == ["fifo", "link", "socket"]
    assert {warning.filename for warning in caught} == {__file__}


def deny(monkeypatch, function, denied):
    real = getattr(os, function)

    def refuse(path, *args, **options):
        if str(path).endswith(denied):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args, **options)

    monkeypatch.setattr(os, function, refuse)


def test_unreadable_directory_is_an_error(context, monkeypatch):
    (context / "locked").mkdir()
    deny(monkeypatch, "scandir", "locked")
    with pytest.raises(BuildContextError, match=r"locked' can't be read: Permission denied"):
        scan_context(context)


@pytest.mark.parametrize("rules", ["locked", "locked\n!**/KEEP.md"])
def test_unreadable_ignored_directory_is_no_error(context, monkeypatch, rules):
    (context / "locked").mkdir()
    (context / ".dockerignore").write_text(rules)
    deny(monkeypatch, "scandir", "locked")
    assert scan_context(context).excluded[0].name == "locked"


@pytest.mark.parametrize("rules", ["", "d\n!d/a\n"])
def test_files_and_directories_deleted_during_the_walk_are_skipped(context, rules):
    for name in ("a", "d/a", "e/a", "f"):
        (context / name).parent.mkdir(exist_ok=True)
        (context / name).touch()
    (context / ".dockerignore").write_text(rules)

    def delete():
        for name in ("a", "d", "e"):
            shutil.rmtree(context / name, ignore_errors=True)
            (context / name).unlink(missing_ok=True)
        return False

    # The root has been listed when it is asked for the first time.
    assert names(context, is_cancelled=delete) == [".dockerignore", "Dockerfile", "f"]


def test_directory_deleted_before_it_is_listed_is_an_error(context, monkeypatch):
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: (context.rename(f"{path}.gone"), real(path))[1])
    with pytest.raises(BuildContextError, match=r"context' can't be read: No such file"):
        scan_context(context)


def test_tree_deeper_than_the_recursion_limit_is_included(context):
    here = os.open(context, os.O_RDONLY)
    try:
        for _ in range(800):
            os.mkdir("d", dir_fd=here)
            below = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
    finally:
        os.close(here)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(300)
    try:
        assert len(names(context)) == 801
    finally:
        sys.setrecursionlimit(limit)


def test_walk_stops_when_cancelled(context):
    for name in "abc":
        (context / name).mkdir()
    asked = []

    def is_cancelled():
        asked.append(len(asked))
        return len(asked) == 2

    with pytest.raises(BuildContextError, match="cancelled"):
        scan_context(context, is_cancelled=is_cancelled)

    assert len(asked) == 2
