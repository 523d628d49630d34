"""Saving: a file is complete or absent, and no temporary file is left."""

import os
from pathlib import Path

import pytest

from peak_images import SaveError
from peak_images._atomic_write import atomic_write


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def test_file_is_renamed_when_complete(tmp_path):
    target = tmp_path / "a.log"
    with atomic_write(target) as file:
        file.write(b"half")
        assert not target.exists()
        file.write(b" and half")

    assert target.read_bytes() == b"half and half"
    assert names(tmp_path) == ["a.log"]


def test_existing_file_is_replaced_when_complete(tmp_path):
    target = tmp_path / "a.log"
    target.write_bytes(b"old")
    with atomic_write(target) as file:
        file.write(b"new")
        assert target.read_bytes() == b"old"

    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, ConnectionError, GeneratorExit])
@pytest.mark.parametrize("existing", [None, b"old"])
def test_failed_write_keeps_the_old_file_and_no_temp_file(tmp_path, error, existing):
    target = tmp_path / "a.log"
    if existing is not None:
        target.write_bytes(existing)

    def fail():
        with atomic_write(target) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        fail()

    assert names(tmp_path) == ([] if existing is None else ["a.log"])
    assert existing is None or target.read_bytes() == existing


def test_interrupted_write_leaves_no_temp_file(tmp_path, monkeypatch):
    original = Path.open

    def open_and_interrupt(path, mode):
        original(path, mode).close()
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "open", open_and_interrupt)
    with pytest.raises(KeyboardInterrupt), atomic_write(tmp_path / "a.log"):
        pass

    assert names(tmp_path) == []


def test_directory_as_target_raises(tmp_path):
    with pytest.raises(SaveError, match="is a directory; give the name of a file") as caught, atomic_write(tmp_path):
        pass
    assert caught.value.path == tmp_path
    assert names(tmp_path) == []


def test_missing_directory_raises_and_is_not_created(tmp_path):
    with pytest.raises(SaveError, match="missing doesn't exist"), atomic_write(tmp_path / "missing/a.log"):
        pass
    assert names(tmp_path) == []


def test_file_as_directory_raises(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(SaveError, match="doesn't exist"), atomic_write(tmp_path / "file/a.log"):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_directory_raises(tmp_path):
    tmp_path.chmod(0o500)

    with pytest.raises(SaveError, match="Permission denied"), atomic_write(tmp_path / "a.log"):
        pass


@pytest.mark.parametrize("name", ["a" * 256, "a\0b"], ids=["too long", "with a null"])
def test_invalid_file_name_raises(tmp_path, name):
    with pytest.raises(SaveError), atomic_write(tmp_path / name):
        pass
    assert names(tmp_path) == []


def test_file_name_of_maximum_length_works(tmp_path):
    with atomic_write(tmp_path / ("a" * 255)) as file:
        file.write(b"whole")

    assert (tmp_path / ("a" * 255)).read_bytes() == b"whole"


def test_unreadable_directory_raises(tmp_path, monkeypatch):
    def refuse(_):
        raise PermissionError(13, "Permission denied")

    # Stands for a directory without search permission, which root has everywhere.
    monkeypatch.setattr(Path, "is_dir", refuse)
    with pytest.raises(SaveError, match="Permission denied"), atomic_write(tmp_path / "a.log"):
        pass


def test_full_disk_raises_save_error(tmp_path):
    full = pytest.raises(SaveError, match="can't be written: No space left on device")
    with full as caught, atomic_write(tmp_path / "a.log"):
        raise OSError(28, "No space left on device")
    assert isinstance(caught.value, OSError)
    assert names(tmp_path) == []


def test_save_error_of_the_block_is_reraised(tmp_path):
    with pytest.raises(SaveError, match="first"), atomic_write(tmp_path / "a.log"):
        raise SaveError("first", "can't be written")
