"""The page of requests, and code to copy."""

import html
import re
import shlex
import subprocess
import sys

import pytest

from tests.local.pages import text_of


def test_requests_are_shown_with_client_verdict_and_masked_values(api, browser, make_zip):
    details = {"source": "upload", "buildArguments": [{"name": "KEY", "value": "s3cret"}]}
    api.http.headers["User-Agent"] = "tester/1.0"
    api.create_image("weather", make_zip(), buildDetails=details)
    api.get("/images/", sort="x")
    api.get("/images/999")

    page = browser.get("/ui/requests")

    text = " ".join(text_of(page).split())
    assert re.search(r"GET /images/999 tester/1\.0 valid \S+ ms 404", text)
    assert re.search(r"GET /images/ sort=x tester/1\.0 1 problem \S+ ms 200", text)
    assert re.search("sort: .*declare", text)
    assert re.search(r"artifact file artifact\.zip , application/zip, \d+ B", text)
    assert '{"name": "KEY", "value": "***"}' in text
    assert "s3cret" not in page.text
    assert api.service.token not in page.text.replace("export PEAK_AUTH_TOKEN=local-token", "")


def test_requests_are_filtered(api, browser):
    api.create_image("weather")
    api.get("/images/", sort="x")
    api.get("/images/999")

    def count(**query):
        return browser.get("/ui/requests", params=query).text.count("<details id=")

    assert [count(), count(q="post"), count(q="4xx"), count(q="get images"), count(q="nothing")] == [3, 1, 1, 2, 0]
    assert [count(only=kind) for kind in ("changes", "errors", "problems", "unknown")] == [1, 1, 1, 3]


def test_pages_assets_and_controls_are_not_recorded(api, browser, service, submit):
    submit("/ui/control/next_build", {"failure": "x"})
    api.http.post(f"{service.url}/control/freeze-clock")
    for path in ("/", "/ui/requests", "/ui/static/style.css", "/image-management/api-docs/index.htm", "/favicon.ico"):
        browser.get(path)

    assert service.requests == []
    api.get("/images/")
    assert [request.path for request in service.requests] == ["/image-management/api/v2/images/"]


def test_requests_can_be_sent_again_by_curl_and_python(api, browser, service, make_zip, monkeypatch, tmp_path):
    nasty = "it's $HOME `id` \"\n@x"
    api.create_image("weather", make_zip(), description=nasty)
    api.delete("/images/101")
    service.control.finish_deletions()
    monkeypatch.setenv("PEAK_IMAGES_URL", service.url)
    monkeypatch.setenv("PEAK_AUTH_TOKEN", service.token)
    (tmp_path / "artifact.zip").write_bytes(make_zip())
    page = browser.get("/ui/requests", params={"q": "post"})
    curl, python = map(html.unescape, re.findall(r'aria-label="(?:curl|Python)">(.*?)</pre>', page.text, re.DOTALL))

    subprocess.run([sys.executable, "-c", python], cwd=tmp_path, check=True, capture_output=True, timeout=50)
    first = api.get("/images/102").json()
    api.delete("/images/102")
    service.control.finish_deletions()
    subprocess.run(["bash", "-c", curl], cwd=tmp_path, check=True, capture_output=True, timeout=50)
    second = api.get("/images/103").json()

    assert first["name"] == second["name"] == "weather"
    assert first["latestVersion"]["description"] == second["latestVersion"]["description"] == nasty


def test_record_of_requests_is_cleared(api, browser, service, submit):
    api.get("/images/")

    assert submit("/ui/requests/clear", of="/ui/requests").status_code == 303
    assert service.requests == []


@pytest.mark.timeout(300)  # nine processes
def test_snippets_run_as_they_stand(api, browser, service, monkeypatch):
    api.image("weather")
    monkeypatch.setenv("PEAK_IMAGES_URL", service.url)
    monkeypatch.setenv("PEAK_AUTH_TOKEN", service.token)

    for path in ("/ui/images/101", "/ui/images/101/versions/201", "/ui/images/101/builds/301"):
        page = browser.get(path)
        found = re.findall(r'<pre tabindex="0" aria-label="(Python|Shell|curl)">(.*?)</pre>', page.text, re.DOTALL)
        snippets = {name: html.unescape(text) for name, text in found}
        program, *arguments = shlex.split(snippets["Shell"])
        assert program == "peak-images"
        for command in (
            [sys.executable, "-c", snippets["Python"]],
            [sys.executable, "-m", "peak_images_cli", *arguments],
            ["bash", "-c", snippets["curl"] + " --fail --silent"],
        ):
            done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=50)
            assert done.returncode == 0, done.stderr
            assert done.stdout
