"""A service with much in it, and with many at once."""

import concurrent.futures
import os

import httpx
import pytest

IMAGES, VERSIONS = 1000, 20


@pytest.fixture
def full(api, service):
    """A thousand images of twenty versions each, all built."""
    with service._running.database.transaction() as transaction:
        transaction.executemany(
            "INSERT INTO images (name, type, scope, created_at, created_by, latest_version_id) "
            "VALUES (?, 'workflow', 'custom', ?, 'me', ?)",
            [(f"image-{n}", transaction.now, 201 + n * VERSIONS + VERSIONS - 1) for n in range(IMAGES)],
        )
        transaction.executemany(
            "INSERT INTO versions (image_id, version, description, status, created_at, created_by, updated_at, "
            "updated_by, build_details, last_build_id, tags) VALUES (?, ?, '', 'ready', ?, 'me', ?, 'me', ?, ?, ?)",
            [
                (101 + n, f"0.0.{v}", transaction.now, transaction.now, '{"source": "upload"}', 301 + n * VERSIONS + v,
                 '[{"name": "blue"}]' if v % 2 else "[]")
                for n in range(IMAGES) for v in range(VERSIONS)
            ],
        )  # fmt: skip
        transaction.executemany(
            "INSERT INTO builds (reference, image_id, version_id, status, outcome, size, use_cache, started_at, "
            "finished_at) VALUES ('', ?, ?, 'success', 'success', 1, 1, ?, ?)",
            [
                (101 + n, 201 + n * VERSIONS + v, transaction.now, transaction.now)
                for n in range(IMAGES) for v in range(VERSIONS)
            ],
        )  # fmt: skip
    return api


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/images/", {"pageSize": 100}),
        ("/images/", {"pageSize": 100, "pageNumber": 10}),
        ("/images/", {"searchTerm": "99"}),
        ("/images/", {"status": "ready", "lastBuildStatus": "success", "tags": "blue", "searchTerm": "image-5"}),
        ("/images/150", {}),
        ("/images/150/versions", {"searchTerm": "0.0.1", "tags": "blue"}),
        ("/images/150/builds", {"buildStatus": "success"}),
    ],
)
def test_no_request_scans_all_rows(full, service, path, query):
    # SQLite's own steps, which are the same on every machine. To go through all versions would take ten for each.
    steps = 0

    def count():
        nonlocal steps
        steps += 1000

    service._running.database._connection.set_progress_handler(count, 1000)
    full.get(path, **query).raise_for_status()

    assert steps < 2 * IMAGES * VERSIONS


def test_concurrent_uploads(api, service, make_zip):
    artifact = make_zip({"Dockerfile": "FROM scratch", "noise": os.urandom(5 << 20)}, compression=0)

    def upload(number):
        form = {"name": (None, f"image-{number}"), "type": (None, "api")}
        headers = {"Authorization": service.token}
        url = f"{service.url}/image-management/api/v2/images/"
        return httpx.post(url, files={**form, "artifact": ("a.zip", artifact)}, headers=headers, timeout=50).status_code

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        assert list(pool.map(upload, range(50))) == [200] * 50

    assert api.get("/images/").json()["imageCount"] == 50
