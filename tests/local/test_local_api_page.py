"""The API's page (Swagger UI), used in a browser as a person does: every operation is tried."""

import json
import time

import pytest

from peak_images_local import LocalService
from peak_images_local.api.contract import METHODS, load_contract
from peak_images_local.ui.api_docs import API_DOCS_PATH, tryable_contract
from tests.local import browser as chromium

GITHUB = {"source": "github", "repository": "https://github.com/example/repository"}

# React takes a value only by the element's own setter, followed by an event.
FILL = """(selector, value) => {
  const element = document.querySelector(selector);
  const kind = {TEXTAREA: HTMLTextAreaElement, SELECT: HTMLSelectElement}[element.tagName] || HTMLInputElement;
  Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(element, value);
  element.dispatchEvent(new Event(element.tagName === "SELECT" ? "change" : "input", {bubbles: true}));
}"""


class ApiPage:
    """The page in a tab of a browser."""

    def __init__(self, page):
        self.page = page

    def open(self, service):
        """Go to the page of a service."""
        self.page.goto(service.api_docs_url)
        self.page.wait_for("document.querySelectorAll('.opblock').length >= 13")

    def expand(self, operation):
        """Open an operation; return the selector of its block."""
        block = f".opblock[id$='-{operation}']"
        if not self.page.evaluate(f'document.querySelector("{block}").classList.contains("is-open")'):
            self.page.click(f"{block} .opblock-summary-control")
        self.page.wait_for(f'!!document.querySelector("{block} .btn.execute")')
        return block

    def attempt(self, operation, fields=None, **parameters):
        """Fill in an operation and send it; return the status and the parsed response."""
        block = self.expand(operation)
        for name, value in parameters.items():
            self.fill(f"{block} tr[data-param-name='{name}'] :is(input, select)", value)
        for name, value in (fields or {}).items():
            row = f"{block} tr[data-property-name='{name}']"
            self.fill(f"{row} :is(textarea, select, input:not([type=checkbox]))", value)
        self.page.click(f"{block} .btn.execute")
        table = f'document.querySelector("{block} .live-responses-table'
        status = self.page.wait_for(f'{table} tbody .response-col_status")?.innerText.match(/\\d{{3}}/)?.[0]')
        text = self.page.evaluate(f'{table} .highlight-code code")?.innerText')
        self.page.click(f"{block} .btn-clear")
        return int(status), json.loads(text) if text else None

    def fill(self, selector, value):
        """Enter a value: a list one element a line, an object as JSON."""
        text = value if isinstance(value, str) else json.dumps(value)
        self.page.wait_for(f"!!document.querySelector({json.dumps(selector)})")
        self.page.evaluate(f"({FILL})({json.dumps(selector)}, {json.dumps(text)})")
        time.sleep(0.5)  # the page takes a text once nothing has been typed for a while


@pytest.fixture
def api_page(tmp_path):
    if chromium.EXECUTABLE is None:
        pytest.skip("no Chromium is installed")
    browser = chromium.Browser(tmp_path / "profile")
    page = browser.page()
    yield ApiPage(page)
    page.close()
    browser.close()


@pytest.mark.timeout(300)
def test_every_operation_can_be_tried(api_page, service):
    api_page.open(service)
    tried = {}

    def attempt(operation, fields=None, **parameters):
        tried[operation], response = api_page.attempt(operation, fields, **parameters)
        return response

    created = attempt("create_image")
    ids = {"imageId": str(created["imageId"])}
    assert attempt("list_images")["imageCount"] == 1
    assert attempt("describe_image", **ids)["latestVersion"]["buildDetails"]["source"] == "dockerfile"
    version = attempt("create_version", {"buildDetails": GITHUB, "version": "0.0.7"}, **ids)
    both = {**ids, "versionId": str(version["versionId"])}
    assert attempt("describe_version", **both)["buildDetails"]["repository"] == GITHUB["repository"]
    assert attempt("update_version", {"description": "another"}, **both)["versionId"] == version["versionId"]
    assert attempt("list_image_versions", **ids)["versionCount"] == 2
    builds = attempt("list_image_builds", **ids, count="-1")
    assert builds["buildCount"] >= 1
    build = {**ids, "buildId": str(builds["builds"][0]["buildId"])}
    assert attempt("get_build_logs", **build)["logs"]
    assert "/downloads/" in attempt("get_build_logs_download", **build)["downloadUrl"]
    attempt("delete_version", **both)
    # The example's ids are those of the two versions.
    attempt("delete_versions", **ids)
    attempt("delete_image", **ids)

    assert set(tried) == {operation.name for operation in load_contract().operations}
    assert set(tried.values()) <= {200, 204}, tried
    assert api_page.page.problems() == []


@pytest.mark.timeout(200)
def test_token_is_entered_once_and_kept(api_page):
    with LocalService(token="a token of one's own") as service:
        api_page.open(service)
        assert "a token" not in api_page.page.evaluate("document.documentElement.outerHTML")
        assert api_page.attempt("list_images")[0] == 401
        api_page.page.click(".btn.authorize")
        api_page.fill(".auth-container input", service.token)
        api_page.page.click(".auth-container .btn.authorize")
        api_page.page.click(".auth-container .btn-done")
        assert api_page.attempt("list_images")[0] == 200
        api_page.open(service)
        assert api_page.attempt("list_images")[0] == 200


@pytest.mark.timeout(200)
def test_page_leads_back(api_page, service):
    api_page.open(service)

    links = api_page.page.evaluate("[...document.querySelectorAll('nav a')].map(link => link.getAttribute('href'))")

    assert links[0] == "/"
    assert (
        api_page.page.evaluate("fetch(document.querySelector('nav a').href).then(response => response.status)") == 200
    )


def test_examples_of_optional_parameters_are_not_filled_in():
    spec = tryable_contract(load_contract())

    for path, item in spec["paths"].items():
        for parameter in [
            *item.get("parameters", ()),
            *(p for m in METHODS for p in item.get(m, {}).get("parameters", ())),
        ]:
            resolved = load_contract().schemas.resolve(parameter)
            if "$ref" in parameter:
                resolved = spec["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
            assert resolved.get("required") or "example" not in resolved, (path, resolved["name"])
            assert not isinstance(resolved["schema"].get("type"), list), (path, resolved["name"])


def test_examples_of_errors_fit_their_operation():
    paths = tryable_contract(load_contract())["paths"]

    def example(path, method, status):
        return paths[path][method]["responses"][status]["content"]["application/json"]["example"]["detail"]

    assert "version" in example("/images/{imageId}/versions/{versionId}", "get", "404")
    assert "build" in example("/images/{imageId}/builds/{buildId}/logs", "get", "404")
    assert "image" in example("/images/{imageId}", "get", "404")
    assert "use" in example("/images/{imageId}", "delete", "409")
    assert "already" in example("/images/", "post", "409")
    assert "pageSize" in example("/images/", "get", "422")
    assert "buildDetails" not in example("/images/", "get", "400")
    assert API_DOCS_PATH.startswith("/image-management/")
