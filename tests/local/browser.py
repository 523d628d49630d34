"""A headless Chromium for tests, driven through its DevTools protocol over a pipe."""

import base64
import contextlib
import itertools
import json
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import threading
import time

EXECUTABLE = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
TIMEOUT = 60
# The protocol requires the file descriptors 3 and 4.
_LAUNCH = """
import fcntl, os, sys
reading, writing = (fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3])
os.dup2(reading, 3)
os.dup2(writing, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_OPTIONS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars"),
    *("--remote-debugging-pipe", "--disable-extensions"),
]


class Browser:
    """A running browser; each page is a tab of its own."""

    def __init__(self, profile):
        child_in, self._to = os.pipe()
        self._from, child_out = os.pipe()
        for number in (child_in, child_out):
            os.set_inheritable(number, True)
        command = [sys.executable, "-c", _LAUNCH, str(child_in), str(child_out), EXECUTABLE, *_OPTIONS]
        self._process = subprocess.Popen(
            [*command, f"--user-data-dir={profile}"],
            pass_fds=(child_in, child_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(child_in)
        os.close(child_out)
        self._ids = itertools.count(1)
        self._responses = {}
        self._arrived = threading.Condition()
        self.events = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        buffer = b""
        with contextlib.suppress(OSError):
            while data := os.read(self._from, 1 << 20):
                *messages, buffer = (buffer + data).split(b"\0")
                for message in map(json.loads, messages):
                    if "id" in message:
                        with self._arrived:
                            self._responses[message["id"]] = message
                            self._arrived.notify_all()
                    else:
                        self.events.put(message)

    def call(self, method, session=None, **params):
        """Call a method of the protocol; return its result."""
        number = next(self._ids)
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._to, data) :]
        with self._arrived:
            assert self._arrived.wait_for(lambda: number in self._responses, TIMEOUT), f"{method} took too long"
            response = self._responses.pop(number)
        assert "error" not in response, f"{method}: {response}"
        return response["result"]

    def page(self, **settings):
        """Open a page, see ``Page``."""
        return Page(self, **settings)

    def close(self):
        """Close the browser."""
        with contextlib.suppress(AssertionError, OSError):
            self.call("Browser.close")
        try:
            self._process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._to)
        self._reader.join(TIMEOUT)
        os.close(self._from)


class Page:
    """A tab of some width, light or dark, with or without JavaScript, with cookies of its own."""

    def __init__(self, browser, *, width=1400, dark=False, javascript=True):
        self._browser = browser
        self.context = browser.call("Target.createBrowserContext")["browserContextId"]
        target = browser.call("Target.createTarget", url="about:blank", browserContextId=self.context)["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.width = width
        phone = width < 600
        scale = 2 if phone else 1
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=scale, mobile=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Emulation.setScriptExecutionDisabled", value=not javascript)

    def call(self, method, **params):
        """Call a method of the protocol for this tab."""
        return self._browser.call(method, self._session, **params)

    def evaluate(self, expression):
        """Return the value of an expression."""
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait_for(self, expression):
        """Wait until an expression is true; return its value."""
        deadline = time.monotonic() + TIMEOUT
        while not (value := self._try(expression)):
            assert time.monotonic() < deadline, f"{expression} never became true: {self.text()}"
            time.sleep(0.05)
        return value

    def _try(self, expression):
        with contextlib.suppress(AssertionError):  # the page is just being replaced by another
            return self.evaluate(expression)
        return None

    def goto(self, url):
        """Go to a page, and wait until it is loaded."""
        self.evaluate("window.isOld = true")
        self.call("Page.navigate", url=url)
        self.wait_for_load()

    def wait_for_load(self):
        """Wait for the page that a link or a form leads to."""
        self.wait_for("!window.isOld && document.readyState === 'complete'")

    def submit(self, selector):
        """Press a button or follow a link as a user does, and wait for the next page."""
        self.evaluate("window.isOld = true")
        self.click(selector)
        self.wait_for_load()

    def click(self, selector):
        """Click the middle of an element."""
        where = self.evaluate(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({block: 'center'});"
            "const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=where[0], y=where[1], button="left", clickCount=1)

    def choose_file(self, selector, path):
        """Choose a file for an input."""
        object_id = self.call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")
        self.call("DOM.setFileInputFiles", files=[str(path)], objectId=object_id["result"]["objectId"])

    def press(self, key, code=0, text=None):
        """Press a key."""
        keys = {"key": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", **keys, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **keys)

    def type(self, text):
        """Type a text."""
        self.call("Input.insertText", text=text)

    def text(self):
        """Return what can be read on the page."""
        return self.evaluate("document.body.innerText")

    def screenshot(self, path):
        """Write a picture of the whole page."""
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(data))

    def problems(self):
        """Return the errors that the browser reports: errors of scripts, and what the content policy blocks."""
        found = []
        while not self._browser.events.empty():
            event = self._browser.events.get()
            if event["method"] in {"Runtime.exceptionThrown", "Log.entryAdded"}:
                found.append(json.dumps(event["params"])[:500])
        return found

    def close(self):
        """Close the tab, and delete its cookies."""
        self._browser.call("Target.disposeBrowserContext", browserContextId=self.context)
