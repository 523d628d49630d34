"""The pages of images and versions."""

import html
import io
import re
import zipfile

from peak_images_local.ui.view import PAGE_SIZE
from tests.local.pages import text_of


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
    for number in range(PAGE_SIZE + 1):
        api.create_image(f"image-{number}")

    first, last = browser.get("/"), browser.get("/", params={"page": "2"})

    assert "Page 1 of 2" in first.text
    assert ">image-0<" not in first.text
    assert ">image-0<" in last.text
    assert "Page 2 of 2" in browser.get("/ui/builds", params={"page": "99"}).text
    assert browser.get("/", params={"page": "x" * 5000}).status_code == 200


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


def test_pages_of_what_does_not_exist_are_not_found(api, browser):
    api.create_image()

    for path in (
        "/ui/images/999", "/ui/images/x", f"/ui/images/{'9' * 5000}", "/ui/images/101/versions/999",
        "/ui/images/101/builds/999", f"/ui/images/101/builds/{'9' * 5000}", "/ui/images/101/builds/999/log",
        "/ui/images/101/delete/x", "/ui/nothing", "/ui/static/../routes.py", "/ui/static/nothing",
        "/ui/images/101/versions/201/artifact.zip", "/ui/images/999/new",
    ):  # fmt: skip
        assert browser.get(path).status_code == 404, path


def test_missing_or_damaged_artifact_is_reported_on_the_page(api, browser, service, make_zip):
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
