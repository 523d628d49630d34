"""The pages over HTTP: what they show, what they escape, who may see them, what their forms do."""

import contextlib
import html
import io
import re
import shlex
import subprocess
import sys
import time
import zipfile
from urllib.parse import urljoin

import httpx
import pytest

from peak_images_local import LocalService
from peak_images_local.handlers.lookup import find_build
from peak_images_local.ui import build_log, formats, queries

HOSTILE = "<script>alert(1)</script>\"'&{{ 7*7 }}"


@pytest.fixture
def browser(service):
    """A client that keeps no token, as a browser."""
    with httpx.Client(base_url=service.url, timeout=20) as client:
        yield client


def form_token(page):
    return re.search(r'name="form_token" value="([0-9a-f]+)"', page.text)[1]


@pytest.fixture
def submit(browser):
    """Sends a form as the page that shows it would."""

    def send(path, fields=None, *, of="/ui/controls", files=None, headers=None):
        data = {"form_token": form_token(browser.get(of)), **(fields or {})}
        return browser.post(path, data=data, files=files, headers=headers)

    return send


@pytest.fixture
def upload(browser):
    """Sends a form with a file as a browser does; one that wasn't chosen has an empty name."""

    def send(path, fields, content=None):
        fields = {"form_token": form_token(browser.get(path)), **fields}
        disposition = b"--boundary\r\nContent-Disposition: form-data; name="
        body = b"".join(b'%b"%b"\r\n\r\n%b\r\n' % (disposition, n.encode(), v.encode()) for n, v in fields.items())
        name = b"" if content is None else b"work.zip"
        body += b'%b"artifact"; filename="%b"\r\nContent-Type: application/octet-stream\r\n\r\n' % (disposition, name)
        body += (content or b"") + b"\r\n--boundary--\r\n"
        return browser.post(path, content=body, headers={"Content-Type": "multipart/form-data; boundary=boundary"})

    return send


def text_of(page):
    """What can be read on a page, without tags."""
    return html.unescape(re.sub(r"<[^>]*>", " ", page.text))


# The list of images


def test_empty_list_shows_exports_and_a_first_command(browser, service):
    page = browser.get("/")

    assert f"export PEAK_IMAGES_URL={service.url}" in page.text
    assert "export PEAK_AUTH_TOKEN=local-token" in page.text
    assert "peak-images create --name" in page.text


def test_images_are_listed_with_state_builds_duration_and_age(api, browser, service):
    ids = api.image("weather")
    api.version(ids["imageId"], buildDetails={"source": "dockerfile", "dockerfile": "NONSENSE"})
    service.control.clock.advance(7300)

    page = browser.get("/")

    row = " ".join(text_of(page).split("weather", 1)[1].split())
    assert re.search(r"101 workflow 0\.0\.2 failed 301 success, .* 302 failed, .* 2 h ago", row)
    assert 'aria-label="Last 2 builds, oldest first: success, failed"' in page.text
    assert re.search(r'<time datetime="[^"]+Z" title="\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC">2 h ago', page.text)


def test_images_are_filtered_by_name_and_state(api, browser):
    api.image("weather")
    api.image("Weather-2", buildDetails={"source": "dockerfile", "dockerfile": "NONSENSE"})
    api.image("churn")

    def names(**query):
        return re.findall(r'<a href="/ui/images/\d+">([^<]+)', browser.get("/", params=query).text)

    assert sorted(names()) == ["Weather-2", "churn", "weather"]
    assert sorted(names(q="weather")) == ["Weather-2", "weather"]
    assert names(q="weather", state="failed") == ["Weather-2"]
    assert names(q="%") == []
    chips = browser.get("/", params={"q": "weather"}).text
    assert re.search(r'state=failed">.*failed <span class="number">1<', chips)
    assert re.search(r'aria-current="true">all <span class="number">2<', chips)


def test_deletions_in_progress_are_shown(api, browser):
    first, second = api.image("first"), api.image("second")
    api.version(second["imageId"])
    api.delete(f"/images/{first['imageId']}")
    api.delete(f"/images/{second['imageId']}/versions/{second['versionId']}")

    page = browser.get("/")

    assert " ".join(text_of(page).split()).count("deleting") == 3  # a chip, an image, a version of another
    assert "1 deleting" in text_of(page)
    assert "gone in 1 min 0 s" in browser.get(f"/ui/images/101/versions/{first['versionId']}").text


def test_lists_are_paged(api, browser):
    for number in range(queries.PAGE_SIZE + 1):
        api.create_image(f"image-{number}")

    first, last = browser.get("/"), browser.get("/", params={"page": "2"})

    assert "Page 1 of 2" in first.text
    assert ">image-0<" not in first.text
    assert ">image-0<" in last.text
    assert "Page 2 of 2" in browser.get("/ui/builds", params={"page": "99"}).text
    assert browser.get("/", params={"page": "x" * 5000}).status_code == 200


# Images, versions, builds


def test_version_page_shows_what_it_is_built_from(api, browser, make_zip, service):
    artifact = make_zip({"Dockerfile": "FROM a\nCOPY app.py /\n", "app.py": "print(1)\n", "data/x y#.csv": "1,2"})
    details = {"source": "upload", "buildArguments": [{"name": "KEY", "value": "s3cret"}], "secrets": ["db-password"]}
    ids = api.create_image("weather", artifact, description="Nightly", buildDetails=details).json()
    service.control.set_tags(ids["versionId"], ["prod"])
    service.control.finish_builds()

    page = browser.get(f"/ui/images/101/versions/{ids['versionId']}")

    text = " ".join(text_of(page).split())
    for words in (
        "docker pull 110011001100.dkr.ecr.eu-west-1.amazonaws.com/weather:0.0.1",
        "Nightly", "upload", "KEY=***", "db-password", "prod", "MB", "someone@example.com",
        "FROM a COPY app.py /", "data/x y#.csv",
        f"describe-version --image-id 101 --version-id {ids['versionId']}",
    ):  # fmt: skip
        assert words in text, words
    assert "s3cret" not in page.text
    links = re.findall(r'href="(/ui/images/101/versions/\d+/(?:files/|artifact)[^"]*)"', page.text)
    contents = {link.rpartition("/")[2]: browser.get(html.unescape(link)) for link in links}
    assert contents["x%20y%23.csv"].content == b"1,2"
    assert contents["artifact.zip"].content == artifact
    for response in contents.values():
        assert response.headers["content-disposition"].startswith("attachment")
        assert response.headers["x-content-type-options"] == "nosniff"
    assert browser.get(f"/ui/images/101/versions/{ids['versionId']}/files/..%2f..%2fetc/passwd").status_code == 404


def test_autodeployment_is_shown(api, browser):
    ids = api.image("weather")
    resources = [{"entityId": 12, "entityType": "webapp"}]
    api.create_version(ids["imageId"], autodeployResources=resources)
    api.service.control.finish_builds()

    page = browser.get("/ui/images/101/versions/202")

    assert "Autodeployment" in page.text
    assert "Redeploying webapp 12" in page.text


def test_failed_build_shows_step_message_reason_and_line(api, browser):
    api.image("weather", buildDetails={"source": "dockerfile", "dockerfile": "FROM scratch\nCOPY a b\n"})

    page = browser.get("/ui/images/101/builds/301")

    text = " ".join(text_of(page).split())
    assert "Step 2 of 2 failed [2/2] COPY a b ERROR: " in text
    assert "only that text is sent, so COPY has nothing to take from" in text
    number = re.search(r"Go to line (\d+)", text)[1]
    assert f'href="/ui/images/101/builds/301#L{number}"' in page.text
    assert re.search(rf'id="L{number}".*class="message error">ERROR: ', page.text)
    assert "nothing was run, installed or pushed" in text
    assert "icon-bad.svg" in page.text


def test_failure_names_the_step_it_came_to(api, browser, service):
    service.control.next_build(failure="no space left on device")
    api.image("weather", buildDetails={"source": "dockerfile", "dockerfile": "FROM a\nRUN b\nRUN c"})
    api.image("nonsense", buildDetails={"source": "dockerfile", "dockerfile": "NONSENSE"})

    text = text_of(browser.get("/ui/images/101/builds/301"))
    assert re.search(r"Step \d of 3 failed\s+\[\d/3\] \S+ \S\s+ERROR: no space left on device", text)
    assert "The build failed before its first step" in text_of(browser.get("/ui/images/102/builds/302"))


def test_steps_have_the_times_between_their_log_lines(api, browser, service):
    api.create_image("weather", buildDetails={"source": "dockerfile", "dockerfile": "FROM a\nRUN b"})
    service.control.clock.advance(30)

    with service._running.database.transaction() as transaction:
        build = find_build(transaction, 101, 301)
        steps = build_log.read_steps(transaction, build)

    assert [step.text for step in steps][:2] == ["Preparing", "[1/2] FROM a"]
    assert sum(step.took for step in steps) == 30_000
    assert all(0 <= step.left < 100 and step.left + step.width <= 100.01 for step in steps)


@pytest.mark.parametrize(
    ("line", "is_step"),
    [
        ("[1/2] FROM a", True), ("[stage 2 1/2] FROM a", True), ("#7 [build 12/13] RUN x", True),
        ("STEP 2/5: RUN x", True),
        ("#7 [internal] load", False), ("see [1] 1/2", False), ("[1/2]", False), ("#7 0.1 [1/2] x", False),
    ],
)  # fmt: skip
def test_steps_of_each_builder_are_recognised_in_the_log(api, service, line, is_step):
    api.create_image("weather")
    with service._running.database.transaction() as transaction:
        transaction.execute("UPDATE log_lines SET message = ?, at = 0 WHERE position = 1", line)
        build = find_build(transaction, 101, 301)

        assert (line in [step.text for step in build_log.read_steps(transaction, build)]) == is_step


def write_log(service, lines):
    with service._running.database.transaction() as transaction:
        transaction.execute("DELETE FROM log_lines")
        transaction.executemany("INSERT INTO log_lines VALUES (301, ?, 0, ?)", list(enumerate(lines)))


def test_huge_log_is_bounded_on_the_page_and_whole_in_the_raw_one(api, browser, service):
    api.image("weather")
    write_log(service, [*(f"line {number}" for number in range(build_log.MAX_LINES + 500)), "x" * 1_000_000])

    page = browser.get("/ui/images/101/builds/301")
    raw = browser.get("/ui/images/101/builds/301/log")

    assert page.text.count('<li><a href="#L') == build_log.MAX_LINES
    assert len(page.text) < 500_000
    assert "998000 more characters in the raw log" in page.text
    assert ">line 1499<" in page.text
    assert ">line 10<" not in page.text
    assert ">line 10<" in browser.get("/ui/images/101/builds/301", params={"from": "1"}).text
    assert raw.text.count("\n") == build_log.MAX_LINES + 501
    assert "x" * 1_000_000 in raw.text
    assert raw.headers["content-type"].startswith("text/plain")


def test_pages_of_what_does_not_exist_are_not_found(api, browser):
    api.create_image()

    for path in (
        "/ui/images/999", "/ui/images/x", f"/ui/images/{'9' * 5000}", "/ui/images/101/versions/999",
        "/ui/images/101/builds/999", f"/ui/images/101/builds/{'9' * 5000}", "/ui/images/101/builds/999/log",
        "/ui/images/101/delete/x", "/ui/nothing", "/ui/static/../routes.py", "/ui/static/nothing",
        "/ui/images/101/versions/201/artifact.zip", "/ui/images/999/new",
    ):  # fmt: skip
        assert browser.get(path).status_code == 404, path


# What comes from outside


@pytest.mark.parametrize("text", [HOSTILE, "\u202egnp.exe", "a\x07b", "\x1b]0;title\x07x", "{% raw %}", "</title>"])
def test_hostile_text_is_escaped_everywhere(api, browser, make_zip, service, text):
    dockerfile = f"FROM a\nRUN echo {text}\n"
    ids = api.create_image(
        text, description=text, buildDetails={"source": "dockerfile", "dockerfile": dockerfile, "secrets": [text]}
    )
    if ids.status_code != 200:  # a name that the contract refuses; other names may contain it
        api.create_image("plain", description=text, buildDetails={"source": "dockerfile", "dockerfile": dockerfile})
    service.control.set_tags(201, [text])
    service.control.finish_builds()
    api.http.get("/images/", params={"searchTerm": text}, headers={"User-Agent": "plain <b>agent</b>"})
    api.create_version(101, make_zip({"Dockerfile": dockerfile, f"{text.replace('/', '')}.py": "x"}))

    paths = ["/", "/ui/images/101", "/ui/images/101/versions/201", "/ui/images/101/versions/202", "/ui/builds"]
    for path in [
        *paths,
        "/ui/images/101/builds/301",
        "/ui/requests",
        "/ui/controls",
        "/ui/images/101/delete",
        "/ui/images/101/new",
    ]:
        page = browser.get(path)
        assert page.status_code == 200, (path, page.text)
        assert page.text.count("<script") == 1, path
        assert "<b>agent" not in page.text
        assert "49" not in re.findall(r"&#39;&amp;(\S+)", page.text)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page.text), path


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[38;5;196mred\x1b[K", "red"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1bcreset", "reset"),
        ("50%\r100%", "50%^M100%"),
        ("a\x00b\x7fc\x9bd", "a^@b^?c[U+009B]d"),
        ("abc\u202egnp", "abc[U+202E]gnp"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("\x1b", "^["),
        ("\ud800", "\ufffd"),
    ],
)
def test_terminal_sequences_and_control_characters_become_harmless(text, shown):
    assert formats.printable(text) == shown


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (-5, "0 ms"),
        (999, "999 ms"),
        (3000, "3.0 s"),
        (59_949, "59.9 s"),
        (139_000, "2 min 19 s"),
        (3_900_000, "1 h 5 min"),
    ],
)
def test_durations_are_readable(milliseconds, text):
    assert formats.duration(milliseconds) == text


# Requests


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


# Forms


def test_every_control_is_a_form(api, browser, service, submit):
    api.image("weather")
    controls = re.findall(r'action="/ui/control/([^"]+)"', browser.get("/ui/controls").text)

    fields = {"version_id": 201, "image_id": 101, "count": 1, "status": 503, "seconds": 60, "used": "yes"}
    for name in controls:
        response = submit(f"/ui/control/{name}", {**fields, "scope": "custom"})
        assert response.status_code == 303, (name, response.text)
        assert 'role="status"' in browser.get(response.headers["location"]).text
    assert len(controls) == 11


def test_controls_do_what_they_say(api, browser, service, submit):
    api.image("weather")
    submit("/ui/control/next_build", {"failure": "disk full", "seconds": ""})
    submit("/ui/control/fail_next", {"count": "2", "status": "503", "method": "GET", "path": "/images", "delay": "0"})

    assert "1 scripted" in browser.get("/ui/controls").text
    assert [api.get("/images/").status_code for _ in range(3)] == [503, 503, 200]
    assert [browser.get("/").status_code for _ in range(3)] == [200, 200, 200]
    api.create_version(101)
    submit("/ui/control/finish_builds")
    assert "ERROR: disk full" in api.log(101)
    submit("/ui/control/put_in_use", {"version_id": "201", "used": "yes"})
    assert api.get("/images/101/versions/201").json()["status"] == "in-use"
    submit("/ui/control/put_in_use", {"version_id": "201"})
    assert api.get("/images/101/versions/201").json()["status"] == "ready"
    submit("/ui/control/set_tags", {"version_id": "201", "tags": "a, b"})
    assert [tag["name"] for tag in api.get("/images/101/versions/201").json()["tags"]] == ["a", "b"]
    assert "frozen" in browser.get("/ui/controls").text
    submit("/ui/control/resume_clock")
    assert "frozen" not in browser.get("/ui/controls").text


@pytest.mark.parametrize(
    ("name", "fields", "status"),
    [
        ("advance_clock", {"seconds": "-1"}, 422),
        ("advance_clock", {"seconds": "soon"}, 422),
        ("advance_clock", {}, 422),
        ("advance_clock", {"seconds": "inf"}, 422),
        ("advance_clock", {"seconds": "nan"}, 422),
        ("put_in_use", {"version_id": "999"}, 404),
        ("put_in_use", {"version_id": "1e30"}, 422),
        ("fail_next", {"count": "1", "status": "99"}, 422),
        ("fail_next", {"count": "1e12", "status": "503"}, 422),
        ("clock.__class__", {}, 404),
        ("uploaded_files", {"version_id": "201"}, 404),
    ],
)
def test_bad_controls_are_refused(submit, service, name, fields, status):
    response = submit(f"/ui/control/{name}", fields)

    assert response.status_code == status, response.text
    assert "<h1>" in response.text


def test_image_is_created_from_a_zip_and_a_version_from_a_dockerfile(api, upload, service, make_zip):
    fields = {"name": "weather", "type": "api", "version": "", "description": "", "dockerfile": ""}

    created = upload("/ui/new", fields, make_zip())
    assert created.headers["location"] == "/ui/images/101/builds/301?done=building"
    service.control.finish_builds()
    assert api.get("/images/101").json()["latestVersion"]["status"] == "ready"
    second = upload("/ui/images/101/new", {"version": "", "dockerfile": "FROM a\r\nRUN b"})
    assert second.status_code == 303, second.text
    assert api.get("/images/101/versions/202").json()["buildDetails"]["dockerfile"] == "FROM a\nRUN b"
    assert {request.method for request in service.requests} == {"GET"}


@pytest.mark.parametrize(
    ("fields", "content", "words"),
    [
        ({"name": "weather"}, None, "artifact"),
        ({"name": "weather"}, b"not a zip", "not a zip file"),
        ({"name": "weather", "version": "one"}, b"", "semantic version"),
        ({"name": ""}, b"", "name"),
        ({"name": "weather", "type": "nothing"}, b"", "type"),
    ],
)
def test_refused_upload_shows_the_form_again(upload, service, fields, content, words):
    response = upload("/ui/new", {"type": "api", "description": "kept <i>", **fields}, content)

    assert response.status_code == 422, response.text
    assert words in re.search(r'role="alert">(.*?)</p>', response.text, re.DOTALL)[1]
    assert 'value="kept &lt;i&gt;"' in response.text
    assert service.control.stored_artifacts() == 0


def test_upload_larger_than_the_limit_is_refused():
    with LocalService(max_artifact_size=1000) as service, httpx.Client(base_url=service.url) as client:
        data = {"form_token": form_token(client.get("/ui/new")), "name": "a", "type": "api"}
        response = client.post("/ui/new", data=data, files={"artifact": ("a.zip", b"x" * 3_000_000)})

        assert response.status_code == 413


def test_version_is_rebuilt_and_deleted_after_a_confirmation(api, browser, submit, service):
    api.image("weather", buildDetails={"source": "dockerfile", "dockerfile": "NONSENSE"})
    path = "/ui/images/101/versions/201"

    assert submit(f"{path}/rebuild", of=path).headers["location"].startswith("/ui/images/101/builds/302")
    question = browser.get(f"{path}/delete")
    assert "Delete version 0.0.1 (201) of image weather (101)?" in question.text
    assert submit(f"{path}/delete", of=f"{path}/delete").headers["location"] == "/ui/images/101?done=deleting"
    service.control.finish_deletions()
    assert browser.get(path).status_code == 404


def test_image_is_deleted_after_a_confirmation_unless_it_is_in_use(api, browser, submit, service):
    api.image("weather")
    service.control.put_in_use(201)

    refused = submit("/ui/images/101/delete", of="/ui/images/101/delete")
    assert refused.status_code == 409
    assert "In use by another resource" in refused.text
    service.control.put_in_use(201, used=False)
    assert submit("/ui/images/101/delete", of="/ui/images/101/delete").status_code == 303
    assert api.get("/images/101").json()["latestVersion"]["status"] == "deleting"


def test_service_is_reset_after_a_confirmation(api, browser, submit):
    api.image("weather")

    assert "Reset the service?" in browser.get("/ui/reset").text
    assert submit("/ui/reset", of="/ui/reset").status_code == 303
    assert "Nothing here yet" in browser.get("/").text


# Who may see and do what


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
        right = client.post("/ui/login", data={"form_token": token, "token": "own-secret"})
        assert right.status_code == 303
        assert "HttpOnly" in right.headers["set-cookie"]
        assert "SameSite=strict" in right.headers["set-cookie"]
        assert client.get("/").status_code == 200


def test_pages_reload_themselves_without_javascript_while_something_is_under_way(api, browser, service):
    api.create_image()
    paths = ["/", "/ui/images/101", "/ui/images/101/versions/201", "/ui/images/101/builds/301", "/ui/builds"]

    assert all('<noscript><meta http-equiv="refresh"' in browser.get(path).text for path in paths)
    service.control.finish_builds()
    assert not any("refresh" in browser.get(path).text for path in paths)


def test_events_report_changes_and_the_end_of_a_build(api, browser, service):
    api.create_image(buildDetails={"source": "dockerfile", "dockerfile": "FROM a\nRUN echo <a>"})

    with browser.stream("GET", "/ui/images/101/builds/301/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.iter_lines()
        assert "event: log" in [next(lines) for _ in range(3)]
        service.control.finish_builds()
        rest = "\n".join(lines)
    assert "The build succeeded" in rest
    assert "&lt;a&gt;" in rest
    assert rest.rstrip().endswith("event: end\ndata:")
    with browser.stream("GET", "/ui/events") as response:
        lines = response.iter_lines()
        next(lines)
        api.get("/images/")
        assert "event: changed" in lines


def test_streams_are_bounded_and_free_their_place_when_their_page_is_left(browser):
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(httpx.Client(base_url=browser.base_url, limits=httpx.Limits(max_connections=None)))
        opened = [stack.enter_context(client.stream("GET", "/ui/events")).status_code for _ in range(51)]
    assert opened == [200] * 50 + [503]

    deadline = time.monotonic() + 30
    while True:
        with browser.stream("GET", "/ui/events") as response:
            if response.status_code == 200:
                break
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_service_stops_while_pages_are_open():
    service = LocalService().start()
    with httpx.Client(base_url=service.url) as client, client.stream("GET", "/ui/events") as response:
        chunks = response.iter_bytes()
        assert next(chunks)
        service.stop()
        with contextlib.suppress(httpx.HTTPError):
            list(chunks)  # it ends
    with pytest.raises(httpx.ConnectError):
        httpx.get(str(response.url))


def test_artifact_that_is_gone_or_damaged_is_said_to_be(api, browser, service, make_zip):
    api.create_image("weather", make_zip())
    with service._running.database.transaction() as transaction:
        [name] = [row["file"] for row in transaction.fetch_all("SELECT file FROM artifacts")]

    service._running.artifacts.path(name).write_bytes(b"PK\x05\x06 damaged")
    assert "The artifact can't be read" in browser.get("/ui/images/101/versions/201").text
    assert browser.get("/ui/images/101/versions/201/files/app.py").status_code == 404
    service._running.artifacts.path(name).unlink()
    assert "The artifact can't be read" in browser.get("/ui/images/101/versions/201").text
    assert browser.get("/ui/images/101/versions/201/artifact.zip").status_code == 404


def test_list_of_files_is_bounded(api, browser):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("Dockerfile", "FROM a\n" * 20_000)
        for number in range(1000):
            archive.writestr(f"file-{number:04}", "")
    api.create_image("weather", buffer.getvalue())

    page = browser.get("/ui/images/101/versions/201")

    assert page.text.count("/files/") == 200
    assert "The first 200 of 1001 files" in page.text
    assert "The rest isn't shown" in page.text


# The API's own page


def test_the_api_page_fetches_nothing_from_elsewhere(browser):
    answer = browser.get("/image-management/api-docs/index.htm")

    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    names = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert "swagger-ui-bundle.js" in names
    for name in names:
        part = browser.get(urljoin("/image-management/api-docs/", name))
        assert part.status_code == 200, name
        assert part.content
    start = browser.get("/image-management/api-docs/start.js").text
    assert "validatorUrl: null" in start
    assert "http" not in start


def test_the_api_page_shows_this_service(browser):
    contract = browser.get("/image-management/api-docs/images.json").json()

    assert contract["servers"] == [{"url": "/image-management/api/v2"}]
    assert "/images/{imageId}" in contract["paths"]


@pytest.mark.parametrize("name", ["nothing.js", "LICENSE", "..%2f__init__.py"])
def test_other_files_are_not_served(browser, name):
    assert browser.get(f"/image-management/api-docs/{name}").status_code == 404
