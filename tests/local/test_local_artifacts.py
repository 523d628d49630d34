"""Uploads: their size, what is a zip file, what may be in it."""

import contextlib
import io
import socket
import sqlite3
import stat
import struct
import time
import zipfile
import zlib

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peak_images_local import LocalService
from peak_images_local.errors import ApiError
from peak_images_local.storage.archive import ArchiveLimits, check_archive, read_context

MIB = 1 << 20


def _archive(*entries):
    """Return a zip file of ready-made entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry, content in entries:
            archive.writestr(entry, content)
    return buffer.getvalue()


def _link(name, target):
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry, target


def test_uploaded_files_are_stored(api, make_zip, service):
    files = {"Dockerfile": "FROM scratch\nCOPY src /", "src/": "", "src/größe.txt": "1", "src/a b.txt": "2"}

    ids = api.create_image(artifact=make_zip(files)).json()

    assert service.control.uploaded_files(ids["versionId"]) == {
        name: content.encode() for name, content in files.items() if not name.endswith("/")
    }


@pytest.mark.parametrize(
    "content", [b"", b"not a zip", b"PK\x05\x06", b"PK\x03\x04" + bytes(100)], ids=["empty", "text", "end", "start"]
)
def test_upload_that_is_no_zip_is_refused(api, refused, service, content):
    refused(api.create_image(artifact=content), 422, "artifact", "not a zip file")
    assert api.get("/images/").json()["imageCount"] == 0
    assert service.control.stored_artifacts() == 0


def test_damaged_zip_is_refused(api, refused, make_zip):
    whole = make_zip(
        {"Dockerfile": "FROM scratch", "data.bin": bytes(range(256)) * 100}, compression=zipfile.ZIP_STORED
    )
    place = whole.index(bytes(range(256)))

    refused(api.create_image(artifact=whole[: len(whole) // 2]), 422, "not a zip file")
    damaged = whole[:place] + b"!" + whole[place + 1 :]
    refused(api.create_image(artifact=damaged), 422, "not a zip file", "CRC")


@pytest.mark.parametrize("name", ["../up", "a/../../up", "/etc/passwd", "a//b", "./a", "C:/x", "a\\b", "..", "a/./b"])
def test_paths_that_lead_out(api, refused, name):
    refused(api.create_image(artifact=_archive((zipfile.ZipInfo(name), "x"))), 422, "artifact", "not a path")


@pytest.mark.parametrize("name", ["run-12:30.log", "a:b/c", "C:", "x:", "logs/12:30", "~", "a b/ c", "-rf", "%2e%2e/x"])
def test_names_that_linux_accepts(api, name):
    archive = _archive((zipfile.ZipInfo("Dockerfile"), "FROM scratch\nCOPY . /"), (zipfile.ZipInfo(name), "x"))

    assert api.create_image(artifact=archive).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["/".join(["d"] * 32_000), "/".join(["d"] * 1_001), "x" * 4_096, "é" * 2_048, "/".join(["x" * 100] * 41)],
)
def test_path_that_is_too_long_or_too_deep_is_refused(api, refused, name):
    refused(api.create_image(artifact=_archive((zipfile.ZipInfo(name), "x"))), 422, "artifact", "is too long")


def test_many_deep_directories_are_bounded(tmp_path):
    path = tmp_path / "artifact.zip"
    path.write_bytes(_archive(*((zipfile.ZipInfo("/".join([f"{n:03}", *"d" * 498, "x"])), "") for n in range(400))))

    with pytest.raises(ApiError, match="the paths of its directories are too long"):
        check_archive(path, ArchiveLimits())


@pytest.mark.parametrize("name", ["../../evil", "/etc/passwd", "a\\b", "..", "Dockerfile", "other"])
def test_another_name_in_an_extra_field_leads_nowhere(tmp_path, name):
    entry = zipfile.ZipInfo("app.py")
    field = struct.pack("<BL", 1, zlib.crc32(b"app.py")) + name.encode()
    entry.extra = struct.pack("<HH", 0x7075, len(field)) + field
    path = tmp_path / "artifact.zip"
    path.write_bytes(_archive((zipfile.ZipInfo("Dockerfile"), "FROM scratch"), (entry, "x")))

    # Pythons before 3.13 don't read that field.
    with contextlib.suppress(ApiError):
        check_archive(path, ArchiveLimits())
        assert read_context(path) == ({"Dockerfile": 12, "app.py": 1}, {""})


@pytest.mark.parametrize(
    ("written", "raw", "expected"),
    [
        ("modèle.txt", None, {"modèle.txt"}),
        ("mod_le.txt", "modèle.txt".encode("cp437"), {"modèle.txt"}),
        ("mod__le.txt", "modèle.txt".encode(), {"modèle.txt", "mod├¿le.txt"}),
    ],
    ids=["utf-8", "cp437", "utf-8 without the flag"],
)
def test_the_same_name_in_an_extra_field_is_accepted(tmp_path, written, raw, expected):
    entry = zipfile.ZipInfo(written)
    field = struct.pack("<BL", 1, zlib.crc32(raw or written.encode())) + "modèle.txt".encode()
    entry.extra = struct.pack("<HH", 0x7075, len(field)) + field
    path = tmp_path / "artifact.zip"
    path.write_bytes(_archive((entry, "x")).replace(written.encode(), raw or written.encode()))

    check_archive(path, ArchiveLimits())

    # Pythons before 3.13 don't read that field.
    assert read_context(path)[0].keys() <= expected


@pytest.mark.parametrize("names", [("a", "a/b"), ("a/b", "a"), ("a", "a/"), ("a/b/c", "a/b")])
def test_file_in_place_of_a_directory_is_refused(api, refused, names):
    archive = _archive(*((zipfile.ZipInfo(name), "") for name in names))

    refused(api.create_image(artifact=archive), 422, "artifact", "is both a file and a directory")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_special_files(api, refused, kind):
    entry, content = _link("link", "/etc/passwd")
    entry.external_attr = (kind | 0o777) << 16

    refused(api.create_image(artifact=_archive((entry, content))), 422, "'link'", "special file")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicate_entry_is_refused(api, refused):
    refused(api.create_image(artifact=_archive(("a", "1"), ("a", "2"))), 422, "'a'", "twice")


def test_an_encrypted_file(api, refused, make_zip):
    content = bytearray(make_zip({"secret": "x"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1

    refused(api.create_image(artifact=bytes(content)), 422, "'secret'", "encrypted")


@pytest.mark.parametrize(("method", "number"), [(zipfile.ZIP_BZIP2, 12), (zipfile.ZIP_LZMA, 14)])
def test_unsupported_compression_is_refused(api, refused, make_zip, method, number):
    content = make_zip({"Dockerfile": "FROM scratch"}, compression=method)

    refused(api.create_image(artifact=content), 422, "'Dockerfile'", f"method {number}", "0 and 8 are accepted")


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@given(data=st.data())
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_damage_of_a_zip_is_a_422(tmp_path, make_zip, compression, data):
    whole = make_zip({"Dockerfile": "FROM scratch\n" * 20, "a/b": "1" * 300, "c/": ""}, compression=compression)
    damaged = bytearray(whole)
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=4)):
        damaged[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "artifact.zip"
    path.write_bytes(damaged[: data.draw(st.integers(len(whole) // 2, len(whole)))])

    refused_with = []
    try:
        check_archive(path, ArchiveLimits())
    except ApiError as error:
        refused_with.append(error.status)

    assert refused_with in ([], [422])


def test_disk_error_is_not_a_422(tmp_path):
    with pytest.raises(FileNotFoundError):
        check_archive(tmp_path / "artifact.zip", ArchiveLimits())


def test_zip_bomb_is_refused(api, refused, service):
    limits = service._running.settings.limits
    content = _archive(("Dockerfile", "FROM x"))
    start = content.index(b"PK\x01\x02") + 24
    lying = content[:start] + (0xF0000000).to_bytes(4, "little") + content[start + 4 :]

    refused(api.create_image(artifact=lying), 422, "unpacked", str(limits.unpacked))


def test_entry_longer_than_declared_is_refused(api, refused, make_zip):
    content = make_zip({"zeros": bytes(5 * MIB)})
    start = content.index(b"PK\x01\x02") + 24
    lying = content[:start] + (1000).to_bytes(4, "little") + content[start + 4 :]

    refused(api.create_image(artifact=lying), 422, "not a zip file")


def test_limits_can_be_set(refused, make_zip):
    with LocalService(limits=ArchiveLimits(entries=2, unpacked=1000)) as service:
        http = httpx.Client(base_url=service.url, headers={"Authorization": service.token})
        form = {"name": (None, "a"), "type": (None, "api")}

        def post(files):
            return http.post("/image-management/api/v2/images/", files={**form, "artifact": ("a.zip", make_zip(files))})

        refused(post({"a": "", "b": "", "c": ""}), 422, "3 entries", "2")
        refused(post({"a": "x" * 1001}), 422, "1001 bytes unpacked", "1000")
        http.close()


def test_artifact_of_the_maximum_size_is_accepted(api, refused, make_zip):
    noise = zlib.compress(bytes(1)) + bytes(10 * MIB - 1000)
    artifact = make_zip({"Dockerfile": "FROM scratch", "noise": noise}, compression=zipfile.ZIP_STORED)
    assert len(artifact) < 10 * MIB

    assert api.create_image("within", artifact).status_code == 200
    padded = artifact + bytes(10 * MIB - len(artifact) + 1)
    refused(api.create_image("beyond", padded), 413, "artifact", str(10 * MIB))
    assert api.get("/images/").json()["imageCount"] == 1


def test_content_length_over_the_limit_is_413_before_the_body_is_read(api, refused):
    refused(api.create_image(artifact=bytes(40 * MIB)), 413, str(10 * MIB))


def test_body_over_the_limit_is_413_while_it_arrives(service):
    """An upload that never says how long it is gets its response as soon as it is too long."""
    host, port = service.url.removeprefix("http://").split(":")
    head = (
        "POST /image-management/api/v2/images/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: local-token\r\n"
        "Transfer-Encoding: chunked\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    part = b'--x\r\nContent-Disposition: form-data; name="artifact"; filename="a"\r\n\r\n'
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(head.encode() + b"%x\r\n%s\r\n" % (len(part), part))
        for _ in range(11):
            connection.sendall(b"%x\r\n" % MIB + bytes(MIB) + b"\r\n")

        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_an_upload_that_breaks_off_leaves_nothing(api, service):
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(
            b"POST /image-management/api/v2/images/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: local-token\r\n"
            b"Content-Length: 1000000\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
        )
    for _ in range(100):
        if service.requests:
            break
        time.sleep(0.01)

    assert service.requests[0].status == 0
    assert api.get("/images/").json()["imageCount"] == 0
    assert service.control.stored_artifacts() == 0


def test_max_artifact_size_is_configurable(refused, make_zip):
    with LocalService(max_artifact_size=1000) as service:
        response = httpx.post(
            f"{service.url}/image-management/api/v2/images/",
            files={"name": (None, "a"), "type": (None, "api"), "artifact": ("a.zip", bytes(1001))},
            headers={"Authorization": service.token},
        )
        refused(response, 413, "1000 bytes")


def test_an_artifact_beside_another_source_is_no_error(api, make_zip):
    details = {"source": "dockerfile", "dockerfile": "FROM scratch"}

    assert api.create_image(artifact=make_zip(), buildDetails=details).status_code == 200


def test_change_succeeds_though_the_disk_is_too_full_to_clean_up_after_it(api, service, make_zip, monkeypatch):
    broken = {"Dockerfile": "FROM scratch\nCOPY missing /\n"}
    ids = api.image(artifact=make_zip(broken))

    def fail(name):
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(service._running.artifacts, "discard", fail)
        assert api.update_version(ids["imageId"], ids["versionId"], artifact=make_zip()).status_code == 200
    assert service.control.stored_artifacts() == 2

    api.image("another")

    assert service.control.stored_artifacts() == 1


def test_artifact_of_a_deleted_image_is_deleted_by_a_change_that_is_refused(api, service, refused, make_zip):
    ids = api.image(artifact=make_zip())
    api.delete(f"/images/{ids['imageId']}")
    service.control.clock.advance(60)

    refused(api.create_image(artifact=b"no zip"), 422, "artifact", "not a zip file")

    assert service.control.stored_artifacts() == 0


def test_artifact_is_deleted_with_its_version_before_anything_else_changes(api, service, make_zip):
    ids = api.image(artifact=make_zip())
    api.delete(f"/images/{ids['imageId']}")
    assert service.control.stored_artifacts() == 1

    service.control.clock.advance(60)
    assert api.get("/images/").json()["imageCount"] == 0

    assert service.control.stored_artifacts() == 0
