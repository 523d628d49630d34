"""Text from outside on the pages: escaping, control characters, durations."""

import re

import pytest

from peak_images_local.ui import formats

HOSTILE = "<script>alert(1)</script>\"'&{{ 7*7 }}"


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
