"""Who may send requests: Host header and token."""

import httpx
import pytest

from peak_images_local import LocalService
from tests.local.engine import install_engine

ROUTES = ["/", "/image-management/api/v2/images/", "/image-management/api-docs/index.htm", "/control/requests"]


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:1", "8.8.8.8", ""])
def test_foreign_host_is_refused_on_every_route(service, path, host):
    response = httpx.get(service.url + path, headers={"Host": host, "Authorization": service.token})

    assert response.status_code == 403
    assert "Host" in response.json()["detail"]


def test_foreign_host_changes_nothing(service, api):
    api.create_image()
    headers = {"Host": "evil.example", "Authorization": service.token}

    assert httpx.post(f"{service.url}/control/reset", headers=headers).status_code == 403
    assert api.http.delete("/images/101", headers=headers).status_code == 403
    assert api.get("/images/").json()["imageCount"] == 1


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1", "127.8.9.10", "[::1]:8080", "build.test"])
def test_own_names_are_served(host):
    with LocalService(allowed_hosts=["Build.test"]) as service:
        url = f"{service.url}/image-management/api/v2/images/"
        assert httpx.get(url, headers={"Host": host, "Authorization": service.token}).status_code == 200


def test_random_token_and_warning_on_a_network(caplog):
    with LocalService(host="0.0.0.0") as service, LocalService(host="0.0.0.0") as other:
        assert service.token != other.token
        assert len(service.token) >= 32
        url = f"{service.url}/image-management/api/v2/images/"
        assert httpx.get(url, headers={"Authorization": "local-token"}).status_code == 401
        assert httpx.get(url, headers={"Authorization": service.token, "Host": "192.0.2.7:80"}).status_code == 200
        assert httpx.get(url, headers={"Authorization": service.token, "Host": "evil.example"}).status_code == 403
    assert "other machines can reach it" in caplog.text


def test_random_token_and_warning_with_an_engine(monkeypatch, tmp_path, caplog):
    install_engine(monkeypatch, tmp_path, "true")
    with LocalService(builder="docker") as service:
        assert len(service.token) >= 32
    assert "docker runs what Dockerfiles say" in caplog.text


def test_loopback_has_its_well_known_token_and_no_warning(caplog):
    with LocalService() as service, LocalService(host="0.0.0.0", token="mine") as other:
        assert service.token == "local-token"
        assert service.warnings == []
        assert other.token == "mine"


def test_unknown_builder_names_the_allowed_ones():
    with pytest.raises(ValueError, match="'foo' is not one of simulate, docker, podman, buildah"):
        LocalService(builder="foo")
