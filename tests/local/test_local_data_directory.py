"""The data directory: foreign files, damaged databases, permissions, full disks."""

import os
import sqlite3
import stat

import httpx
import pytest

from peak_images_local import LocalService, ServiceError


@pytest.mark.parametrize(
    "name", ["model.pkl", "artifacts/model.pkl", "images.sqlite-notes", ".git/config", "artifacts/0123456789.zip"]
)
def test_directory_with_foreign_files_is_refused_and_left_alone(tmp_path, name):
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("precious")

    with pytest.raises(ServiceError, match="something else"):
        LocalService(data=tmp_path).start()

    assert file.read_text() == "precious"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [file.name]


def test_foreign_files_among_the_artifacts_survive_restart_and_reset(tmp_path, make_api, make_zip):
    with LocalService(data=tmp_path) as service:
        make_api(service).create_image(artifact=make_zip())
    foreign = [tmp_path / "artifacts" / name for name in ("model.pkl", f"{'0' * 32}.zip", f"{'1' * 32}.zip.part")]
    for file in foreign:
        file.write_text("precious")

    with LocalService(data=tmp_path) as service:
        assert service.control.stored_artifacts() == 1
        service.reset()
        assert service.control.stored_artifacts() == 0

    assert all(file.read_text() == "precious" for file in foreign)


def test_emptied_database_deletes_no_artifact(tmp_path, make_api, make_zip):
    with LocalService(data=tmp_path) as service:
        make_api(service).create_image(artifact=make_zip())
    stored = list((tmp_path / "artifacts").iterdir())
    (tmp_path / "images.sqlite").write_bytes(b"")

    with LocalService(data=tmp_path):
        pass

    assert list((tmp_path / "artifacts").iterdir()) == stored


def test_files_are_private_in_a_directory_that_is_not(tmp_path, make_api, make_zip):
    directory = tmp_path / "shared"
    directory.mkdir(mode=0o755)
    old = os.umask(0)
    try:
        with LocalService(data=directory) as service:
            make_api(service).create_image(artifact=make_zip())
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.rglob("*") if path.is_file()}
    finally:
        os.umask(old)

    assert len(modes) >= 3
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize(
    "content",
    [
        b"not a database at all" * 100,
        b"SQLite format 3\0" + b"\xff" * 4096,
        "foreign",
        "cut",
        "flipped",
    ],
    ids=["text", "damaged head", "of another program", "cut off", "bytes flipped"],
)
def test_corrupt_or_foreign_database_is_refused_with_what_to_do(tmp_path, make_api, make_zip, content):
    file = tmp_path / "images.sqlite"
    if content == "foreign":
        with sqlite3.connect(file) as database:
            database.execute("CREATE TABLE songs (title)")
        database.close()
    elif isinstance(content, bytes):
        file.write_bytes(content)
    else:
        with LocalService(data=tmp_path) as service:
            for number in range(20):
                make_api(service).create_image(f"image-{number}")
        whole = file.read_bytes()
        middle = len(whole) // 2
        file.write_bytes(whole[:middle] if content == "cut" else whole[:8192] + b"\xaa" * 8192 + whole[16384:])
    before = file.read_bytes()

    with pytest.raises(ServiceError, match=r"images\.sqlite is damaged or of another program .*move it away"):
        LocalService(data=tmp_path).start()

    assert file.read_bytes() == before


def test_database_of_the_first_release_is_opened(tmp_path, make_api):
    with LocalService(data=tmp_path) as service:
        make_api(service).create_image()
    with sqlite3.connect(tmp_path / "images.sqlite") as database:
        database.execute("PRAGMA application_id = 0")
        database.execute("DROP TABLE uploads")
    database.close()

    with LocalService(data=tmp_path) as service:
        assert make_api(service).get("/images/").json()["imageCount"] == 1


def test_database_of_a_newer_release_is_refused_and_left_alone(tmp_path, make_api):
    with LocalService(data=tmp_path) as service:
        make_api(service).create_image()
    with sqlite3.connect(tmp_path / "images.sqlite") as database:
        database.execute("PRAGMA user_version = 2")
    database.close()
    before = (tmp_path / "images.sqlite").read_bytes()

    with pytest.raises(ServiceError, match=r"images\.sqlite can't be opened: a newer release made it"):
        LocalService(data=tmp_path).start()

    assert (tmp_path / "images.sqlite").read_bytes() == before


def test_artifact_that_cannot_be_deleted_fails_no_request(tmp_path, make_api, make_zip):
    with LocalService(data=tmp_path) as service:
        api = make_api(service)
        api.image(artifact=make_zip())
        [file] = (tmp_path / "artifacts").iterdir()
        file.unlink()
        (file / "foreign").mkdir(parents=True)

        assert api.delete("/images/101").status_code == 200
        service.control.finish_deletions()
        assert api.create_image("another", artifact=make_zip()).status_code == 200
        service.reset()
        assert api.get("/images/").json()["imageCount"] == 0
    with LocalService(data=tmp_path):
        assert (file / "foreign").is_dir()


def test_unusable_directory_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(ServiceError, match="file"):
        LocalService(data=tmp_path / "file" / "data").start()


@pytest.mark.skipif(not os.path.ismount("/dev/shm"), reason="needs a file system of its own to fill")
def test_full_disk_is_reported_plainly_and_loses_nothing(monkeypatch, make_api, make_zip):
    with LocalService() as service:
        api = make_api(service)
        api.image("before")
        store = service._state.artifacts
        monkeypatch.setattr(store, "_directory", store._directory.with_name("gone"))

        response = api.create_image("during", artifact=make_zip())

        assert response.status_code == 500
        assert "can't store" in response.json()["detail"]
        monkeypatch.undo()
        assert api.create_image("after", artifact=make_zip()).status_code == 200
        assert api.get("/images/").json()["imageCount"] == 2
        assert service.violations == []


def test_workspace_of_a_running_service_is_not_removed():
    with LocalService() as service:
        with LocalService():
            pass
        assert service._state.workspace.path.is_dir()


@pytest.mark.parametrize(
    "damage",
    [
        "ALTER TABLE builds DROP COLUMN size",
        "DROP TABLE log_lines",
        "UPDATE versions SET build_details = '{'",
        "UPDATE versions SET build_details = '[]'",
        "UPDATE versions SET tags = 'x'",
        "UPDATE builds SET started_at = 9000000000000000000",
        "UPDATE versions SET created_at = -1",
        "UPDATE log_lines SET at = 'yesterday'",
        "UPDATE versions SET status = 'unknown'",
        "UPDATE versions SET tags = '[1, null]'",
        "UPDATE versions SET size = 9e999",
        "UPDATE versions SET delete_at = 'soon'",
        "UPDATE builds SET outcome = ''",
        "UPDATE builds SET due_at = 'soon'",
        "UPDATE images SET scope = x'ff'",
        "UPDATE images SET name = CAST(x'ff41' AS TEXT)",
        "UPDATE log_lines SET message = CAST(x'ff41' AS TEXT)",
    ],
)
def test_database_with_damaged_content_is_refused_at_start(tmp_path, make_api, damage):
    with LocalService(data=tmp_path) as service:
        make_api(service).create_image()
    with sqlite3.connect(tmp_path / "images.sqlite") as database:
        database.execute(damage)
    database.close()

    with pytest.raises(ServiceError, match="damaged or of another program"):
        LocalService(data=tmp_path).start()


@pytest.mark.parametrize(
    "name", ["../victim.zip", "{directory}/victim.zip", "artifacts/../../victim.zip", "victim.zip"]
)
@pytest.mark.parametrize("table", ["uploads", "artifacts"])
def test_file_names_in_a_database_lead_nowhere_else(tmp_path, make_api, make_zip, name, table):
    data, victim = tmp_path / "data", tmp_path / "victim.zip"
    victim.write_text("precious")
    with LocalService(data=data) as service:
        make_api(service).image(artifact=make_zip())
    with sqlite3.connect(data / "images.sqlite") as database:
        file = name.format(directory=tmp_path)
        if table == "uploads":
            database.execute("INSERT INTO uploads VALUES (?)", (file,))
        else:
            database.execute("UPDATE artifacts SET file = ?", (file,))
    database.close()

    with LocalService(data=data) as service:
        page = httpx.get(f"{service.url}/ui/images/101/versions/201")
        assert page.status_code == 200
        assert ("can't be read" in page.text) == (table == "artifacts")
        service.reset()

    assert victim.read_text() == "precious"


def test_foreign_database_keeps_its_permissions(tmp_path):
    file = tmp_path / "songs.sqlite"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE songs (title)")
    database.close()
    file.chmod(0o644)
    data = tmp_path / "data"
    data.mkdir()
    (data / "images.sqlite").symlink_to(file)

    with pytest.raises(ServiceError, match="of another program"):
        LocalService(data=data).start()

    assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_file_in_place_of_the_artifacts_directory_is_refused(tmp_path):
    (tmp_path / "images.sqlite").touch()
    (tmp_path / "artifacts").touch()

    with pytest.raises(ServiceError, match="Artifacts can't be kept in"):
        LocalService(data=tmp_path).start()
