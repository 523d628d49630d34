"""Who may see the pages and send their forms: policy, Host, CSRF, token."""

import re

import httpx
import pytest

from peak_images_local import LocalService
from tests.local.pages import form_token


def test_pages_have_a_strict_policy_and_load_nothing_from_elsewhere(api, browser):
    api.image("weather")

    for path in (
        "/",
        "/ui/images/101",
        "/ui/images/101/builds/301",
        "/ui/requests",
        "/ui/controls",
    ):
        page = browser.get(path)
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert not re.search(r'\b(?:src|href|action)="(?!/|#|\?)', page.text), path
        assert not re.search(r'\s(?:on\w+|style)="', page.text), path


def test_pages_are_for_this_machine_only(browser):
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "0x7f000001.example", "10.0.0.1"):
        for path in ("/", "/ui/requests", "/ui/events", "/ui/images/101/builds/301/log"):
            assert browser.get(path, headers={"Host": host}).status_code == 403, (host, path)
    for host in ("localhost:1", "127.0.0.1", "[::1]:80"):
        assert browser.get("/", headers={"Host": host}).status_code == 200, host


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
    ],
)
def test_forms_of_other_sites_are_refused(submit, api, browser, headers):
    api.image("weather")

    for path in ("/ui/reset", "/ui/images/101/delete", "/ui/control/finish_builds", "/ui/new"):
        assert submit(path, headers=headers).status_code == 403, path
    assert api.get("/images/101").status_code == 200


@pytest.mark.parametrize("token", ["", "0" * 64, "ä"])
def test_forms_need_the_token_of_their_page(api, browser, token):
    api.image("weather")

    assert browser.post("/ui/reset", data={"form_token": token}).status_code == 403
    assert browser.post("/ui/reset").status_code == 403
    assert browser.post("/ui/new", data={"form_token": token}, files={"artifact": ("a", b"")}).status_code == 403
    assert browser.get("/ui/control/finish_builds").status_code == 405
    assert api.get("/images/101").status_code == 200


def test_forms_are_bounded(browser):
    token = form_token(browser.get("/ui/controls"))

    assert browser.post("/ui/reset", data={"form_token": token, "x": "y" * 100_000}).status_code == 413
    assert browser.post("/ui/reset", data={"form_token": token, **{str(n): "" for n in range(1000)}}).status_code == 400
    body = b"form_token=\xff"
    assert browser.post("/ui/reset", content=body).status_code in {400, 403}


def test_service_with_a_token_of_its_own_asks_for_it_once():
    with LocalService(token="own-secret") as service, httpx.Client(base_url=service.url) as client:
        page = client.get("/")
        assert page.status_code == 401
        assert "own-secret" not in page.text
        for path in ("/ui/requests", "/ui/events", "/ui/images/101/builds/301/log"):
            assert client.get(path).status_code == 401
        token = form_token(page)
        assert client.post("/ui/reset", data={"form_token": token}).status_code == 401
        assert client.post("/ui/login", data={"form_token": token, "token": "wrong"}).status_code == 401
        assert 'action="/ui/login"' in client.get("/ui/login", follow_redirects=True).text
        right = client.post("/ui/login", data={"form_token": token, "token": "own-secret"})
        assert right.status_code == 303
        assert "HttpOnly" in right.headers["set-cookie"]
        assert "SameSite=strict" in right.headers["set-cookie"]
        assert client.get("/").status_code == 200


def test_failing_page_is_a_500_and_a_violation(browser, service, monkeypatch, caplog):
    def fail(*arguments, **values):
        raise ZeroDivisionError

    monkeypatch.setattr("peak_images_local.ui.view.View.page", fail)

    response = browser.get("/ui/builds")

    assert response.status_code == 500
    assert "The page failed" in response.text
    assert service.violations.pop() == "/ui/builds failed: ZeroDivisionError()"
