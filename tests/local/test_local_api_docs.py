"""The API's own page over HTTP."""

import re
from urllib.parse import urljoin

import pytest


def test_api_page_loads_nothing_from_elsewhere(browser):
    response = browser.get("/image-management/api-docs/index.htm")

    assert response.status_code == 200
    assert "default-src 'self'" in response.headers["content-security-policy"]
    names = re.findall(r'(?:src|href)="([^"]+)"', response.text)
    assert "swagger-ui-bundle.js" in names
    for name in names:
        part = browser.get(urljoin("/image-management/api-docs/", name))
        assert part.status_code == 200, name
        assert part.content
    start = browser.get("/image-management/api-docs/start.js").text
    assert "validatorUrl: null" in start
    assert "http" not in start


def test_api_page_server_is_this_service(browser):
    contract = browser.get("/image-management/api-docs/images.json").json()

    assert contract["servers"] == [{"url": "/image-management/api/v2"}]
    assert "/images/{imageId}" in contract["paths"]


@pytest.mark.parametrize("name", ["nothing.js", "LICENSE", "..%2f__init__.py"])
def test_other_files_are_not_served(browser, name):
    assert browser.get(f"/image-management/api-docs/{name}").status_code == 404
