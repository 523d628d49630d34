"""The pages in a browser. Their pictures are kept in the directory that PEAK_IMAGES_ARTEFACTS names, if it does."""

import json
import os
import pathlib
import shutil
import subprocess
import tarfile

import pytest

from tests.local.browser import EXECUTABLE, Browser

AXE = "axe-core@4.14.1"
HOSTILE = "<img src=x onerror=window.attacked=1>\"'><script>window.attacked=1</script>"
SIZES = [(1400, False), (1400, True), (390, False), (390, True)]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if EXECUTABLE is None:
        pytest.skip("no Chromium is installed")
    running = Browser(tmp_path_factory.mktemp("profile"))
    yield running
    running.close()


@pytest.fixture
def open_page(browser, service):
    """Opens a page of the service; it must give the browser nothing to complain about."""
    pages = []

    def show(path, **settings):
        page = browser.page(**settings)
        pages.append(page)
        page.goto(service.url + path)
        return page

    yield show
    for page in pages:
        assert page.problems() == []
        page.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """The text of axe-core, which finds what is not accessible."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("axe-core comes by npm, which is not here")
    directory = tmp_path_factory.mktemp("axe")
    done = subprocess.run([npm, "pack", "--silent", AXE], cwd=directory, capture_output=True, timeout=150, check=False)
    if done.returncode:
        pytest.skip(f"axe-core can't be fetched: {done.stderr.decode()[-300:]}")
    with tarfile.open(next(directory.glob("*.tgz"))) as archive:
        return archive.extractfile("package/axe.min.js").read().decode()


def keep_picture(page, name):
    """Write a picture of a page, if a directory for pictures is set."""
    if directory := os.environ.get("PEAK_IMAGES_ARTEFACTS"):
        pathlib.Path(directory).mkdir(parents=True, exist_ok=True)
        page.screenshot(pathlib.Path(directory, f"{name}.png"))


@pytest.fixture
def sample(api, service, make_zip):
    """Images in every state; gives the paths of all pages."""
    details = {"source": "upload", "buildArguments": [{"name": "KEY", "value": "s3cret"}], "secrets": ["password"]}
    api.create_image("churn-model", make_zip(), buildDetails=details, description="Scores-who-will-leave" * 20)
    service.control.set_tags(201, ["prod", "emea"])
    service.control.finish_builds()
    api.image("demand-forecast", buildDetails={"source": "dockerfile", "dockerfile": "FROM scratch\nCOPY a b"})
    api.image(HOSTILE, buildDetails={"source": "dockerfile", "dockerfile": f"FROM a\nRUN echo {HOSTILE}\x1b[31m"})
    api.image("image-with-an-extremely-long-name-that-goes-on-and-on-because-teams-encode-everything-into-it")
    for _ in range(5):
        api.version(101, buildDetails={"source": "dockerfile", "dockerfile": "FROM a\nRUN b"})
    api.delete("/images/104")
    api.get("/images/", sort="x")
    api.create_image("running")
    return {
        "images": "/",
        "empty": "/?q=" + "nothing" * 28,
        "image": "/ui/images/101",
        "version": "/ui/images/101/versions/201",
        "build": "/ui/images/101/builds/301",
        "failed": "/ui/images/102/builds/302",
        "hostile": "/ui/images/103/builds/303",
        "running": "/ui/images/105/builds/310",
        "builds": "/ui/builds",
        "requests": "/ui/requests",
        "controls": "/ui/controls",
        "new": "/ui/new",
        "delete": "/ui/images/101/delete",
    }


@pytest.mark.parametrize(("width", "dark"), SIZES)
def test_pages_are_accessible_and_fit(open_page, sample, service, axe, width, dark):
    page = open_page("/", width=width, dark=dark)

    for name, path in sample.items():
        page.goto(service.url + path)
        page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
        page.evaluate(axe)
        found = page.evaluate("axe.run().then((result) => result.violations)")
        serious = [
            (violation["id"], [node["html"] for node in violation["nodes"]][:3])
            for violation in found
            if violation["impact"] in {"serious", "critical"}
        ]
        assert serious == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        keep_picture(page, f"{name}-{width}-{'dark' if dark else 'light'}")
    assert page.evaluate("window.attacked") is None


@pytest.mark.parametrize("path", ["/", "/ui/images/102/builds/302", "/ui/requests", "/ui/controls", "/ui/new"])
def test_everything_is_reached_by_the_keyboard_and_shows_it(open_page, sample, path):
    page = open_page(path)
    seen = {}
    for _ in range(300):
        page.press("Tab", 9)
        focused = page.evaluate(
            "(() => { const e = document.activeElement, all = [...document.querySelectorAll('*')];"
            "const outlined = [e, e.closest('label')].some((x) => x && getComputedStyle(x).outlineStyle !== 'none');"
            "return [all.indexOf(e), outlined, e === document.body]; })()"
        )
        if focused[0] in seen:
            break
        if focused[2]:
            continue
        seen[focused[0]] = focused[1]

    reachable = page.evaluate(
        "[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex=\"0\"]')]"
        ".filter((e) => e.type !== 'hidden' && e.checkVisibility()).length"
    )
    assert len(seen) == reachable
    assert all(seen.values())


def test_slash_focuses_the_filter_which_applies_as_one_types(open_page, sample):
    page = open_page("/")

    page.press("/", 191, "/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.type("demand")
    page.wait_for("document.querySelectorAll('#results tbody tr').length === 1")

    assert "demand-forecast" in page.text()
    assert page.evaluate("document.activeElement.value") == "demand"
    assert page.evaluate("location.search") == "?q=demand"
    page.press("/", 191, "/")
    assert page.evaluate("document.activeElement.value") == "demand/"


def test_copy_buttons_copy(open_page, sample, service, browser):
    page = open_page("/ui/images/101")
    permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
    browser.call("Browser.grantPermissions", permissions=permissions, browserContextId=page.context)

    page.click(".facts .copy")
    page.wait_for("document.querySelector('.facts .copy').textContent === 'copied'")
    assert page.evaluate("navigator.clipboard.readText()").startswith("docker pull 110011001100.dkr.ecr")
    page.click(".exports .copy")
    page.wait_for("document.querySelector('.exports .copy').textContent === 'copied'")
    assert page.evaluate("navigator.clipboard.readText()") == (
        f"export PEAK_IMAGES_URL={service.url}\nexport PEAK_AUTH_TOKEN=local-token"
    )


def test_build_is_followed_live_until_it_ends(open_page, api, service):
    steps = "".join(f"RUN step {number}\n" for number in range(200))
    api.create_image("weather", buildDetails={"source": "dockerfile", "dockerfile": f"FROM a\n{steps}"})
    page = open_page("/ui/images/101/builds/301")
    page.evaluate("window.notReloaded = true")
    lines = "document.querySelectorAll('#log li').length"
    before = page.evaluate(lines)

    service.control.clock.advance(30)
    page.wait_for(f"{lines} > {before}")
    page.wait_for("log.scrollHeight - log.scrollTop - log.clientHeight < 30")
    assert "building" in page.evaluate("document.title")
    # Scrolled up, the reader is left where they are.
    page.evaluate("log.scrollTop = 0")
    page.wait_for("!document.querySelector('#follow input').checked")
    before = page.evaluate(lines)
    service.control.clock.advance(15)
    page.wait_for(f"{lines} > {before}")
    assert page.evaluate("log.scrollTop") == 0

    service.control.finish_builds()
    page.wait_for("document.title.includes('success')")
    assert page.evaluate("document.querySelector('link[rel=icon]').href").endswith("icon-good.svg")
    assert page.evaluate("log.lastElementChild.textContent").endswith("The build succeeded")
    assert page.evaluate(lines) == int(page.evaluate("document.querySelector('#lines').textContent"))
    assert "success" in page.evaluate("document.querySelector('h1').textContent")
    assert page.evaluate("window.notReloaded")


def test_lines_have_links_and_the_log_wraps_and_shows_times_on_demand(open_page, sample):
    page = open_page("/ui/images/102/builds/302#L5")

    assert page.evaluate("document.querySelector('#log :target').textContent") == "5"
    for box, selector, style in (("show-times", ".log time", "display"), ("wrap-lines", ".log .message", "whiteSpace")):
        look = f"getComputedStyle(document.querySelector('{selector}')).{style}"
        before = page.evaluate(look)
        page.click(f"#{box}")
        assert page.evaluate(look) != before
    page.goto(page.evaluate("location.href").partition("#")[0] + "?from=1")
    assert page.evaluate("getComputedStyle(document.querySelector('.log time')).display") == "none"


def test_lists_change_by_themselves(open_page, api, service):
    page = open_page("/")
    assert "Nothing here yet" in page.text()

    api.create_image("first")
    page.wait_for("document.querySelector('#results')?.textContent.includes('building')")
    page.evaluate("window.notReloaded = true")
    service.control.finish_builds()
    page.wait_for("document.querySelector('#results').textContent.includes('ready')")
    assert page.evaluate("window.notReloaded")


def test_opened_request_stays_open_while_others_arrive(open_page, api):
    api.get("/images/")
    page = open_page("/ui/requests")
    page.click("#request-1 summary")

    api.get("/images/999")
    page.wait_for("document.querySelector('#request-2') !== null")

    assert page.evaluate("document.querySelector('#request-1').open")


@pytest.mark.parametrize("javascript", [True, False])
def test_image_is_uploaded_rebuilt_and_deleted_by_forms(open_page, api, service, make_zip, tmp_path, javascript):
    (tmp_path / "work.zip").write_bytes(make_zip())
    page = open_page("/", javascript=javascript)

    page.submit("a[href='/ui/new']")
    page.evaluate("document.querySelector('[name=name]').value = 'by-hand'")
    page.choose_file("[name=artifact]", tmp_path / "work.zip")
    service.control.next_build(failure="disk full")
    page.submit("button.primary")
    assert "The build has started" in page.text()
    service.control.finish_builds()
    page.goto(service.url + "/ui/images/101/versions/201")
    page.submit("form[action$=rebuild] button")
    assert page.evaluate("location.pathname") == "/ui/images/101/builds/302"
    service.control.finish_builds()
    page.goto(service.url + "/ui/images/101")
    page.submit("a[href$=delete]")
    assert "Delete image by-hand (101)?" in page.text()
    page.submit("button.danger")
    assert "deleting" in page.text()
    # Without a file, only the text of a Dockerfile.
    page.goto(service.url + "/ui/new")
    page.evaluate("document.querySelector('[name=name]').value = 'by-text'")
    page.evaluate("document.querySelector('[name=dockerfile]').value = 'FROM a'")
    page.submit("button.primary")
    assert api.get("/images/102").json()["latestVersion"]["buildDetails"]["dockerfile"] == "FROM a"


def test_pages_work_without_javascript(open_page, sample, service):
    page = open_page("/ui/images/105/builds/310", javascript=False)
    service.control.finish_builds()
    page.wait_for("document.body.innerText.includes('The build succeeded')")  # it reloads itself, as the images do

    page.goto(service.url + "/")
    assert "demand-forecast" in page.text()
    assert page.evaluate("[...document.querySelectorAll('button.copy')].every((button) => !button.checkVisibility())")
    page.evaluate("window.isOld = true")
    page.evaluate("document.querySelector('[type=search]').focus()")
    page.type("demand")
    page.press("Enter", 13, "\r")
    page.wait_for_load()
    assert page.evaluate("document.querySelectorAll('#results tbody tr').length") == 1
    page.goto(service.url + "/ui/controls")
    page.submit("form[action$='resume_clock'] button")
    assert "The clock runs." in page.text()
    page.goto(service.url + "/ui/requests")
    page.click("summary")
    assert "curl -X" in page.text()


def test_hidden_page_keeps_no_connection(open_page, service, api):
    page = open_page("/")
    page.wait_for("source !== null")

    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert page.evaluate("source === null")
    page.evaluate("Object.defineProperty(document, 'hidden', {value: false})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert page.evaluate("source !== null")


def test_api_page_is_served(browser, service):
    page = browser.page()
    page.goto(f"{service.url}/image-management/api-docs/index.htm")
    page.wait_for("document.body.innerText.includes('List images')")

    text = page.text()
    for words in ("Peak Images", "OAS 3.1", "Update a version"):
        assert words in text, json.dumps(text)[:500]
    keep_picture(page, "api")
    assert service.requests == []
    page.close()
