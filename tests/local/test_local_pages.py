"""The pages for people: the API's, and what there is."""

import re

import httpx
import pytest

from peak_images_local.ui import pages


@pytest.fixture
def page(service):
    """Fetches a page; without a token, as a browser does."""

    def fetch(path, **headers):
        return httpx.get(service.url + path, headers=headers)

    return fetch


def test_the_api_page_fetches_nothing_from_elsewhere(page):
    answer = page("/image-management/api-docs/index.htm")

    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    names = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert "swagger-ui-bundle.js" in names
    for name in names:
        part = page(f"/image-management/api-docs/{name}")
        assert part.status_code == 200, name
        assert part.content
    start = page("/image-management/api-docs/start.js").text
    assert "validatorUrl: null" in start
    assert "http" not in start


def test_the_api_page_shows_this_service(page):
    contract = page("/image-management/api-docs/images.json").json()

    assert contract["servers"] == [{"url": "/image-management/api/v2"}]
    assert "/images/{imageId}" in contract["paths"]


@pytest.mark.parametrize("name", ["nothing.js", "LICENSE", "..%2f__init__.py"])
def test_other_files_are_not_served(page, name):
    assert page(f"/image-management/api-docs/{name}").status_code == 404


def test_images_versions_builds_and_logs(api, page, service):
    ids = api.image("<b>first</b>", description="<i>new</i>")
    api.version(ids["imageId"], buildDetails={"source": "dockerfile", "dockerfile": "NONSENSE <x>"})

    images = page("/")
    image = page(f"/ui/images/{ids['imageId']}")
    build = page(f"/ui/images/{ids['imageId']}/builds/302")

    for answer in (images, image, build):
        assert answer.status_code == 200
        assert "<script" not in answer.text
        assert "refresh" not in answer.text
    assert "&lt;b&gt;first&lt;/b&gt;" in images.text
    assert 'href="/ui/images/101"' in images.text
    assert "0.0.2" in image.text
    assert 'href="/ui/images/101/builds/302"' in image.text
    assert "The build failed" in build.text
    assert "<x>" not in build.text
    assert "NONSENSE" in build.text


def test_a_page_is_fetched_again_while_something_happens(api, page, service):
    ids = api.create_image().json()
    paths = ["/", f"/ui/images/{ids['imageId']}", f"/ui/images/{ids['imageId']}/builds/301"]

    assert all('http-equiv="refresh"' in page(path).text for path in paths)
    service.control.finish_builds()
    assert not any('http-equiv="refresh"' in page(path).text for path in paths)


def test_many_images(api, page):
    for number in range(51):
        api.create_image(f"image-{number}")

    assert "Page 1 of 2" in page("/").text
    assert "image-0<" in page("/?pageNumber=2").text
    assert page("/?pageNumber=x").status_code == 200


@pytest.mark.parametrize("path", ["/ui/images/999", "/ui/images/101/builds/999"])
def test_a_page_of_nothing(api, page, path):
    api.create_image()

    answer = page(path)

    assert answer.status_code == 404
    assert "There is no" in answer.text


def test_pages_are_for_this_machine_only(page):
    assert page("/", Host="evil.example.com").status_code == 403
    assert page("/", Host="localhost:1").status_code == 200
    assert [pages._is_local(host) for host in ("127.0.0.1", "::1", "10.0.0.1", "", "x")] == [
        True,
        True,
        False,
        False,
        False,
    ]
