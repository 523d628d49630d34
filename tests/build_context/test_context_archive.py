"""The archive: its bytes, its limits, and the files that change under it."""

from __future__ import annotations

import errno
import gc
import hashlib
import io
import os
import random
import stat
import subprocess
import sys
import threading
import warnings
import zipfile

import pytest

from peak_build_context import BuildContextError, archive, files, scan_context, zip_context
from peak_build_context.context import Entry
from peak_images import build_artifact
from peak_images.errors import ArtifactError, ArtifactTooLargeError


@pytest.fixture
def context(tmp_path):
    root = tmp_path / "context"
    root.mkdir()
    (root / "Dockerfile").write_text("FROM scratch\n")
    return root


def noise(size, seed=0):
    """Return bytes that don't deflate."""
    return random.Random(seed).randbytes(size)


def text(size, seed=0):
    """Return bytes that do."""
    block = bytes(random.Random(seed).choices(b"abcdefgh \n", k=min(size, 50_000)))
    return (block * (size // 50_000 + 1))[:size]


def contents(artifact):
    with zipfile.ZipFile(artifact.file) as archive:
        assert archive.testzip() is None
        return {item.filename: archive.read(item) for item in archive.infolist()}


def test_artifact_attributes(context):
    (context / "empty").mkdir()
    (context / "d").mkdir()
    (context / "d/a").write_bytes(text(5000))
    with build_artifact(context) as artifact:
        data = artifact.file.read()
        assert artifact.size == len(data)
        assert artifact.sha256 == hashlib.sha256(data).hexdigest()
        assert artifact.entry_count == 4
        assert artifact.uncompressed_size == 5013
        assert artifact.path == str(context)
        artifact.file.seek(0)
        assert list(contents(artifact)) == ["Dockerfile", "d/", "d/a", "empty/"]
        assert repr(artifact).startswith(f"<Artifact of {str(context)!r}: 4 entries, 4.9 KiB, zipped ")
    assert artifact.file.closed
    artifact.close()


def test_dropped_artifacts_leave_no_warning(context, monkeypatch):
    (context / "small").write_bytes(noise(10))
    artifact = build_artifact(context)
    file = artifact.file
    del artifact
    gc.collect()
    assert file.read(2) == b"PK"
    monkeypatch.setattr(archive, "_MAX_IN_MEMORY", 0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        build_artifact(context)
        build_artifact(context).close()
        gc.collect()
    assert caught == []


@pytest.mark.parametrize("limit", [2**20, 0], ids=["in memory", "on disk"])
def test_size_is_that_of_the_file_as_httpx_measures_it(context, monkeypatch, limit):
    # httpx asks for a descriptor first, to learn the size, and falls back on the file's end where there is none.
    monkeypatch.setattr(archive, "_MAX_IN_MEMORY", limit)
    with build_artifact(context) as artifact:
        try:
            measured = os.fstat(artifact.file.fileno()).st_size
        except io.UnsupportedOperation:
            measured = artifact.file.seek(0, io.SEEK_END)
            artifact.file.seek(0)
        data = artifact.file.read()
    assert measured == artifact.size == len(data)
    assert hashlib.sha256(data).hexdigest() == artifact.sha256


def test_archive_is_the_same_in_memory_and_on_disk(context, monkeypatch):
    for index in range(20):
        (context / f"{index}").write_bytes(noise(30_000, index))
    with build_artifact(context) as artifact:
        expected = artifact.file.read()
    for limit, is_in_memory in ((0, False), (600_012, False), (600_013, True)):
        monkeypatch.setattr(archive, "_MAX_IN_MEMORY", limit)
        with build_artifact(context) as artifact:
            assert isinstance(artifact.file, io.BytesIO) == is_in_memory
            assert artifact.file.read() == expected


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no disk that is always full")  # noqa: PTH110
@pytest.mark.parametrize("spooled", [10, 100_000])
def test_full_temporary_directory_is_the_only_error(context, monkeypatch, spooled):
    (context / "noise").write_bytes(noise(300_000))
    (context / "tail").write_bytes(noise(300_000, 1))
    monkeypatch.setattr(archive, "_MAX_IN_MEMORY", spooled)
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: io.FileIO("/dev/full", "r+"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(ArtifactError, match=os.strerror(errno.ENOSPC)) as raised:
            build_artifact(context)
        assert raised.value.__cause__.__context__ is None
        del raised
        gc.collect()
    assert caught == []


@pytest.mark.parametrize("pool_size", [0, 10 * 2**20])
def test_archive_is_the_same_without_threads(context, monkeypatch, pool_size):
    for index in range(20):
        (context / f"{index}").write_bytes(text(30_000, index))
    expected = build_artifact(context).sha256
    monkeypatch.setattr(archive, "_MAX_IN_MEMORY", pool_size)
    assert build_artifact(context).sha256 == expected


def test_modes_are_normalised_and_the_executable_bit_kept(context):
    for name, mode in {"plain": 0o600, "program": 0o4777, "others-program": 0o611}.items():
        (context / name).touch()
        (context / name).chmod(mode)
    (context / "directory").mkdir(mode=0o700)
    with build_artifact(context) as artifact, zipfile.ZipFile(artifact.file) as archive:
        modes = {item.filename: item.external_attr >> 16 for item in archive.infolist()}
    assert modes == {
        "Dockerfile": stat.S_IFREG | 0o644,
        "directory/": stat.S_IFDIR | 0o755,
        "others-program": stat.S_IFREG | 0o644,
        "plain": stat.S_IFREG | 0o644,
        "program": stat.S_IFREG | 0o755,
    }


@pytest.mark.parametrize("year", [1901, 1970, 2024, 2128])
def test_archive_is_independent_of_modification_times(context, year):
    expected = build_artifact(context).sha256
    os.utime(context / "Dockerfile", times=((year - 1970) * 31_556_952,) * 2)
    with build_artifact(context) as artifact, zipfile.ZipFile(artifact.file) as archive:
        assert artifact.sha256 == expected
        assert archive.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)


def test_archive_is_reproducible_across_processes_and_paths(context, tmp_path):
    for index in range(60):
        (context / f"f{index}").write_bytes(text(index * 500, index))
    (context / "large").write_bytes(text(9 * 2**20))
    script = "import sys; from peak_images import build_artifact as b; print(b(sys.argv[1]).sha256)"
    found = set()
    for seed in range(3):
        environment = os.environ | {"PYTHONHASHSEED": str(seed), "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", script, str(context)]
        found.add(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)
        moved = tmp_path / f"context-{seed}"
        context = context.rename(moved)
    assert len(found) == 1


def test_incompressible_content_is_stored(context):
    (context / "noise").write_bytes(noise(1000))
    (context / "text").write_bytes(text(1000))
    with build_artifact(context) as artifact, zipfile.ZipFile(artifact.file) as archive:
        methods = {item.filename: item.compress_type for item in archive.infolist()}
    assert methods == {"Dockerfile": zipfile.ZIP_STORED, "noise": zipfile.ZIP_STORED, "text": zipfile.ZIP_DEFLATED}


def test_files_of_all_sizes_are_archived_intact(context):
    written = {"Dockerfile": b"FROM scratch\n"}
    generator = random.Random(1)
    for index in range(300):
        written[f"f{index:03}"] = text(generator.choice((0, 1, 100, 1024, 1025, 30_000)), index)
    for index, size in enumerate((300_000, 3 * 2**20, 8 * 2**20, 8 * 2**20 + 1, 9 * 2**20)):
        written[f"f{index}50"] = noise(size // 2, index) + text(size - size // 2, index)
    for name, content in written.items():
        (context / name).write_bytes(content)
    with build_artifact(context, max_size=None) as artifact:
        assert contents(artifact) == written


def test_unzip_command_reads_the_archive(context, tmp_path):
    (context / "d").mkdir()
    (context / "d/program").write_bytes(text(100_000))
    (context / "d/program").chmod(0o755)
    (context / "large").write_bytes(text(9 * 2**20))
    (context / "é ☂ '").write_text("odd")
    with build_artifact(context, max_size=None) as artifact:
        (tmp_path / "a.zip").write_bytes(artifact.file.read())
    subprocess.run(["unzip", "-q", "a.zip", "-d", "out"], cwd=tmp_path, check=True)
    subprocess.run(["diff", "-r", "context", "out"], cwd=tmp_path, check=True)
    assert os.access(tmp_path / "out/d/program", os.X_OK)


@pytest.mark.skipif(sys.platform != "linux", reason="the file system takes UTF-8 names only")
def test_names_that_are_not_utf_8_keep_their_bytes(context):
    (context / os.fsdecode(b"caf\xe9")).touch()
    (context / "café").touch()
    with build_artifact(context) as artifact, zipfile.ZipFile(artifact.file) as archive:
        _, flagged, plain = archive.infolist()
    assert (flagged.filename, flagged.flag_bits & 0x800) == ("café", 0x800)
    assert (plain.filename.encode("cp437"), plain.flag_bits & 0x800) == (b"caf\xe9", 0)


def scanned_with(context, extra):
    scanned = scan_context(context)
    return scanned._replace(entries=(*scanned.entries, *extra))


def test_zip64_end_records_for_many_entries(context, tmp_path):
    folders = [Entry(f"d{index:05}", "", 0, 0, True, True) for index in range(65_536)]
    with zip_context(scanned_with(context, folders)) as artifact:
        (tmp_path / "a.zip").write_bytes(artifact.file.read())
    assert artifact.entry_count == 65_537
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert len(archive.infolist()) == 65_537
        assert archive.infolist()[-1].filename == "d65535/"
    subprocess.run(["unzip", "-tqq", tmp_path / "a.zip"], check=True)


@pytest.mark.parametrize("limit", [100, 20_000, 200_000, 2_000_000])
def test_zip64_records_for_large_sizes_and_offsets(context, tmp_path, monkeypatch, limit):
    # The same records as from 4 GiB on, at sizes that a test can afford.
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", limit)
    monkeypatch.setattr(archive, "_MAX_WHOLE_SIZE", 500_000)
    monkeypatch.setattr(files, "_CHUNK_SIZE", 70_000)
    written = {
        "Dockerfile": b"FROM scratch\n",
        "a": text(30_000),
        "b": noise(300_000),
        "c": text(1_000_000),
        "d": noise(2_500_000),
        "e": b"end",
    }
    for name, content in written.items():
        (context / name).write_bytes(content)
    with build_artifact(context, max_size=None) as artifact:
        (tmp_path / "a.zip").write_bytes(artifact.file.read())
        artifact.file.seek(0)
        assert contents(artifact) == written
    subprocess.run(["unzip", "-tqq", tmp_path / "a.zip"], check=True)


def test_limit_counts_the_whole_archive(context):
    for index in range(50):
        (context / f"f{index}").write_bytes(noise(1000, index))
    size = build_artifact(context).size
    assert build_artifact(context, max_size=size).size == size
    for limit in (size - 1, size - 30, 30_000, 10):
        with pytest.raises(ArtifactTooLargeError) as caught:
            build_artifact(context, max_size=limit)
        assert caught.value.limit == limit


def test_compression_stops_within_a_chunk_of_the_limit(context, monkeypatch):
    (context / "large").write_bytes(noise(24 * 2**20))
    for index in range(20):
        (context / f"z{index}").write_bytes(noise(300_000, index))
    read = []
    real = archive.crc32
    monkeypatch.setattr(archive, "crc32", lambda data, *rest: (read.append(len(data)), real(data, *rest))[1])
    with pytest.raises(ArtifactTooLargeError):
        build_artifact(context, max_size=2**20)
    assert sum(read) <= 5 * 2**20


def test_error_leaves_no_thread_and_no_open_file(context):
    (context / "a").write_bytes(noise(9 * 2**20))
    with pytest.raises(ArtifactTooLargeError):
        build_artifact(context, max_size=10)
    gc.collect()
    names = {thread.name for thread in threading.enumerate()} - {"peak-images-local"}
    assert [name for name in names if name.startswith("peak-")] == []


@pytest.fixture(params=[100, 100_000, 9 * 2**20], ids=["tiny", "whole", "in pieces"])
def scanned(request, context):
    (context / "a").write_bytes(text(request.param))
    return scan_context(context)


def test_file_deleted_after_the_walk_is_an_error(scanned, context):
    (context / "a").unlink()
    with pytest.raises(BuildContextError, match=r"a' vanished while") as caught:
        zip_context(scanned)
    assert caught.value.path == str(context / "a")


@pytest.mark.parametrize("change", [-1, 1])
def test_file_that_changes_size_after_the_walk_is_an_error(scanned, context, change):
    os.truncate(context / "a", (context / "a").stat().st_size + change)
    with pytest.raises(BuildContextError, match=r"a' changed while"):
        zip_context(scanned)


def test_file_written_to_while_it_is_read_is_an_error(scanned, context, monkeypatch):
    real = os.open

    def open_and_write(path, *rest):
        descriptor = real(path, *rest)
        if str(path).endswith("/a"):
            os.utime(path, ns=(0, 0))
        return descriptor

    monkeypatch.setattr(os, "open", open_and_write)
    with pytest.raises(BuildContextError, match=r"a' changed while"):
        zip_context(scanned)


@pytest.mark.skipif(sys.platform == "win32", reason="no links without rights")
@pytest.mark.parametrize("kind", ["link", "fifo"])
def test_link_in_place_of_a_walked_file_is_not_followed(scanned, context, tmp_path, kind):
    (context / "a").rename(tmp_path / "a")
    if kind == "link":
        (context / "a").symlink_to(tmp_path / "a")
    else:
        os.mkfifo(context / "a")
    with pytest.raises(BuildContextError, match=r"a' (can't be read|changed)"):
        zip_context(scanned)


def test_file_that_cannot_be_opened_is_an_error(scanned, context, monkeypatch):
    real = os.open

    def refuse(path, *rest):
        if str(path).endswith("/a"):
            raise PermissionError(13, "Permission denied", path)
        return real(path, *rest)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(BuildContextError, match=r"context/a' can't be read: Permission denied"):
        zip_context(scanned)


def test_file_with_a_read_error_is_an_error(scanned, monkeypatch):
    def fail(*_):
        raise OSError(5, "Input/output error")

    class Broken(io.FileIO):
        read = fail

    scanned = scanned._replace(entries=scanned.entries[1:])
    monkeypatch.setattr(os, "read", fail)
    monkeypatch.setattr("builtins.open", lambda descriptor, *_, **__: Broken(descriptor))
    with pytest.raises(BuildContextError, match=r"' can't be read: Input/output error"):
        zip_context(scanned)


def test_file_that_is_read_in_short_chunks_is_complete(context, monkeypatch):
    (context / "a").write_bytes(text(5000))
    real = os.read
    monkeypatch.setattr(os, "read", lambda descriptor, size: real(descriptor, min(size, 999)))
    with build_artifact(context) as artifact:
        assert contents(artifact)["a"] == text(5000)


def loaded_by(code, *arguments):
    """Return the modules that some code loads."""
    script = f"import sys; {code}; print(*sys.modules)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_import_loads_neither_httpx_nor_attrs():
    assert not {"attr", "attrs", "httpx"} & loaded_by("import peak_build_context")


def test_small_context_imports_few_modules(context):
    (context / "module.py").write_bytes(text(50_000))
    loaded = loaded_by("from peak_images import build_artifact; build_artifact(sys.argv[1])", str(context))
    assert "peak_build_context.archive" in loaded
    assert not {"concurrent.futures", "tempfile", "peak_build_context.build_plan"} & loaded
