"""Whole logs, from their signed addresses."""

import re

import httpx
import pytest

from peak_images_local import LocalService


@pytest.fixture
def address(api):
    api.image()
    return api.get("/images/101/builds/301/logs/download").json()["downloadUrl"]


def test_download_url_names_another_host(address, service, api):
    port = service.url.rpartition(":")[2]
    assert re.fullmatch(rf"http://localhost:{port}/downloads/301\.log\?expires=\d+&signature=[0-9a-f]{{64}}", address)

    by_name = httpx.get(
        f"http://localhost:{port}/image-management/api/v2/images/101/builds/301/logs/download",
        headers={"Authorization": service.token},
    )
    assert by_name.json()["downloadUrl"].startswith(f"http://127.0.0.1:{port}/")


def test_behind_another_name_the_address_keeps_it(make_api):
    with LocalService(allowed_hosts=["images.example.com"]) as service:
        api = make_api(service)
        api.image()
        response = api.http.get("/images/101/builds/301/logs/download", headers={"Host": "images.example.com"})

    assert response.json()["downloadUrl"].startswith("http://images.example.com/downloads/")


def test_download_has_the_whole_log(address, api):
    response = httpx.get(address)

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")
    lines = [line.split(" ", 1)[1] for line in response.text.splitlines()]
    assert lines == api.log(101)


def test_download_of_a_running_build_has_the_log_so_far(api):
    api.create_image()
    address = api.get("/images/101/builds/301/logs/download").json()["downloadUrl"]

    assert len(httpx.get(address).text.splitlines()) == 1


def test_credentials_are_refused(address, service):
    response = httpx.get(address, headers={"Authorization": service.token})

    assert response.status_code == 400
    assert "Only one auth mechanism" in response.text


def test_wrong_signature_is_403(address):
    assert httpx.get(address[:-1] + ("0" if address[-1] != "0" else "1")).status_code == 403
    assert httpx.get(address.replace("expires=", "expires=9")).status_code == 403
    assert httpx.get(address.replace("301.log", "302.log")).status_code == 403
    assert httpx.get(address.partition("?")[0]).status_code == 403
    assert httpx.get(address.partition("?")[0] + "?signature=ü").status_code == 403


def test_an_address_expires(address, service):
    service.control.clock.advance(299)
    assert httpx.get(address).status_code == 200

    service.control.clock.advance(2)
    response = httpx.get(address)

    assert response.status_code == 403
    assert "expired" in response.text


def test_download_of_a_deleted_version_is_404(address, api, service):
    api.delete("/images/101")
    service.control.clock.advance(60)

    assert httpx.get(address).status_code == 404


@pytest.mark.parametrize(
    ("wanted", "part", "description"),
    [
        ("bytes=0-9", slice(0, 10), "0-9"),
        ("bytes=10-", slice(10, None), "10-{last}"),
        ("bytes=-5", slice(-5, None), "{tail}-{last}"),
        ("bytes=5-999999", slice(5, None), "5-{last}"),
    ],
)
def test_ranges(address, wanted, part, description):
    whole = httpx.get(address).content
    numbers = {"last": len(whole) - 1, "tail": len(whole) - 5}

    response = httpx.get(address, headers={"Range": wanted})

    assert response.status_code == 206
    assert response.content == whole[part]
    assert response.headers["content-range"] == f"bytes {description.format(**numbers)}/{len(whole)}"


def test_range_beyond_the_end_is_416(address):
    size = len(httpx.get(address).content)

    response = httpx.get(address, headers={"Range": f"bytes={size}-"})

    assert response.status_code == 416
    assert response.headers["content-range"] == f"bytes */{size}"


@pytest.mark.parametrize("wanted", ["lines=1-2", "bytes=-", "bytes=0-1,3-4", "bytes=9-3"])
def test_malformed_range_is_ignored(address, wanted):
    response = httpx.get(address, headers={"Range": wanted})

    assert response.status_code == 200
    assert "accept-ranges" in response.headers
