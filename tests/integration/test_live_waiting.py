"""What a wait for a build shows: a live card in a notebook, a line on a terminal, nothing elsewhere."""

import io
import os
import pty
import re
import sys
import threading
from contextlib import contextmanager

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from peak_images import BuildFailedError, Session
from tests.integration.backends import BACKENDS, open_client
from tests.integration.bodies import FAILING_BUILD


class NotebookShell(InteractiveShell):
    """IPython's own shell, with what makes it that of a notebook."""

    kernel = True


class Publisher(CapturingDisplayPublisher):
    """Keeps what is displayed, and finishes the build as soon as it is seen to run."""

    def publish(self, data, *args, **kwargs):
        super().publish(data, *args, **kwargs)
        self.on_publish(data.get("text/html", ""))


@pytest.fixture
def notebook():
    """A notebook's shell, whose displays are kept."""
    shell = NotebookShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.display_pub = Publisher()
    shell.display_pub.on_publish = lambda html: None
    yield shell.display_pub
    shell.restore_sys_module_state()
    NotebookShell.clear_instance()


class Terminal:
    """A pseudo terminal; ``wait_for`` calls a function once a text has been written to it."""

    def __init__(self):
        self._master, slave = pty.openpty()
        self.stream = os.fdopen(slave, "w", buffering=1, encoding="utf-8")
        self._output, self._awaited = b"", []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @contextmanager
    def as_stderr(self):
        # Not in a fixture: pytest sets its own before the test itself.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stderr", self.stream)
            patch.setenv("COLUMNS", "200")
            yield

    def wait_for(self, text, act):
        self._awaited.append((text.encode(), act))

    def _read(self):
        while True:
            try:
                self._output += os.read(self._master, 4096)
            except OSError:  # the other end has been closed
                return
            for awaited in list(self._awaited):
                if awaited[0] in self._output:
                    self._awaited.remove(awaited)
                    awaited[1]()

    def read(self):
        """Return all that was written."""
        self.stream.close()
        self._thread.join(10)
        os.close(self._master)
        return self._output.decode()


def wait(client, created, **options):
    return client.wait_until_built(created["imageId"], created["versionId"], poll_interval=0.01, **options)


def test_wait_in_notebook_updates_one_card_with_status_time_and_log(client, seed, service, notebook):
    created = seed.image(finish=False)
    notebook.on_publish = lambda html: "building" in html and service.control.finish_builds()
    wait(client, created)

    first, *updates = notebook.outputs
    assert first["update"] is False
    assert all(output["update"] for output in updates)
    assert len({output["transient"]["display_id"] for output in notebook.outputs}) == 1
    cards = [output["data"]["text/html"] for output in updates]
    title = f"<b>version {created['versionId']} of image {created['imageId']}</b>"
    assert re.search(rf"{title}: building, \d+ s", cards[0])
    assert re.search(rf"{title}: success, \d+ s", cards[-1])
    assert "The build succeeded" in cards[-1]


def test_wait_in_notebook_shows_the_end_of_a_failed_build_escaped(client, seed, service, notebook):
    created = seed.image(finish=False, buildDetails={**FAILING_BUILD, "dockerfile": "FROM <b>&\nRUN exit 1\n"})
    notebook.on_publish = lambda html: "building" in html and service.control.finish_builds()
    with pytest.raises(BuildFailedError):
        wait(client, created)

    card = notebook.outputs[-1]["data"]["text/html"]
    assert ": failed, " in card
    assert "&lt;b&gt;&amp;" in card
    assert "<b>&" not in card


def test_wait_on_terminal_rewrites_one_line_and_erases_it(client, seed, service):
    created = seed.image(finish=False)
    terminal = Terminal()
    terminal.wait_for("building", service.control.finish_builds)
    with terminal.as_stderr():
        wait(client, created)

    blank, *lines = terminal.read().split("\r\x1b[2K")
    title = f"version {created['versionId']} of image {created['imageId']}"
    assert blank == lines[-1] == ""
    assert re.match(rf"{title}: building, \d+ s", lines[0])
    assert re.match(rf"{title}: success, \d+ s", lines[-2])
    assert lines[-2].endswith("The build succeeded")
    assert not any(char in "".join(lines) for char in "\r\n\x1b")


@pytest.mark.parametrize("options", [{"on_log": print}, {"on_status": print}], ids=["on_log", "on_status"])
def test_wait_with_a_callback_shows_nothing(sync_client, seed, notebook, options):
    terminal = Terminal()
    with terminal.as_stderr():
        wait(sync_client, seed.image(), **options)

    assert (terminal.read(), notebook.outputs) == ("", [])


@pytest.mark.parametrize("backend", BACKENDS)
def test_wait_with_progress_off_shows_nothing(backend, service, seed, notebook):
    created, terminal = seed.image(), Terminal()
    with (
        Session(service.token, base_url=service.url, progress=False) as session,
        open_client(backend, session) as client,
        terminal.as_stderr(),
    ):
        wait(client, created)

    assert (terminal.read(), notebook.outputs) == ("", [])


def test_wait_without_terminal_and_notebook_is_silent(client, seed, capfd):
    wait(client, seed.image())

    assert capfd.readouterr() == ("", "")


class BrokenTerminal(io.StringIO):
    def isatty(self):
        return True

    def write(self, text):
        raise OSError(5, "Input/output error")


def closed():
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize(
    "stream", [None, object(), closed(), BrokenTerminal()], ids=["none", "object", "closed", "gone"]
)
def test_wait_continues_if_stderr_cannot_be_written(client, seed, monkeypatch, stream):
    created = seed.image()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        version = wait(client, created)
    assert version["lastBuildStatus"] == "success"


def test_wait_continues_if_the_notebook_cannot_display(client, seed, notebook):
    def fail(html):
        if "building" in html or "success" in html:
            raise RuntimeError("no display")

    created = seed.image()
    notebook.on_publish = fail
    assert wait(client, created)["lastBuildStatus"] == "success"


@pytest.mark.parametrize(
    "stream", [None, object(), closed(), BrokenTerminal()], ids=["none", "object", "closed", "gone"]
)
def test_upload_continues_if_stderr_cannot_be_written(client, tmp_path, monkeypatch, stream):
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "noise").write_bytes(os.urandom(2 * 2**20))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        created = client.create_image({"name": "an-image", "type": "api"}, {"path": tmp_path})
    assert created["imageId"]
