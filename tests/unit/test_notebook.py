"""Payloads and iterators as tables in Jupyter."""

import io
from unicodedata import east_asian_width

import pytest

from peak_images import _notebook
from peak_images._notebook import MAX_CELL_LENGTH, MAX_ROWS

IMAGE = {
    "id": 101,
    "name": "awesome-image",
    "type": "workflow",
    "scope": "custom",
    "latestVersion": {"id": 201, "version": "0.0.1", "status": "ready"},
}

LEFT = ' style="text-align: left"'


def payload_html(fields):
    """Return a payload as HTML, without the style that each cell has."""
    return _notebook.payload_html(fields).replace(LEFT, "")


def iterator_html(*arguments):
    """Return an iterator as HTML, without the style that each cell has."""
    return _notebook.iterator_html(*arguments).replace(LEFT, "")


def test_html_cells_override_the_alignment_of_jupyter():
    html = _notebook.payload_html({"imageCount": 1, "images": [IMAGE]})
    assert html.count("<th") == html.count(f"<th{LEFT}>") + html.count("<thead>")
    assert html.count("<td") == html.count(f"<td{LEFT}>") == 5


def test_payload_html_is_a_table_of_fields():
    html = payload_html({"imageId": 101, "versionId": 201, "buildId": "image-build-mock:1"})
    assert "<th>field</th><th>value</th>" in html
    assert "<td>imageId</td><td>101</td>" in html
    assert "<td>buildId</td><td>image-build-mock:1</td>" in html


def test_empty_payload_html_is_an_empty_table():
    assert payload_html({}).endswith("<tbody></tbody></table>")


def test_page_html_is_a_table_of_its_elements():
    html = payload_html({"imageCount": 1, "pageCount": 1, "images": [IMAGE]})
    assert "<th>id</th><th>name</th><th>type</th><th>scope</th><th>latestVersion</th>" in html
    assert "<td>101</td><td>awesome-image</td><td>workflow</td><td>custom</td><td>0.0.1 ready</td>" in html
    assert html.endswith("<p>imageCount: 1, pageCount: 1</p>")


def test_log_chunk_html_is_a_table_of_its_lines():
    html = payload_html(
        {"logs": [{"message": "Building", "timestamp": "2023-06-01T18:00:00.000Z"}], "nextToken": "f/1"}
    )
    assert '<td style="text-align: left; white-space: nowrap">2023-06-01T18:00:00.000Z</td>' in html
    assert "<td>Building</td>" in html
    assert "nextToken: f/1" in html


def test_empty_page_html_has_a_note():
    assert payload_html({"images": [], "pageCount": 0}) == "<p>no images; pageCount: 0</p>"
    assert payload_html({"images": []}) == "<p>no images</p>"


@pytest.mark.parametrize("where", ["name", "value", "nested", "cell", "rest"])
def test_html_is_escaped(where):
    evil = "<script>alert(1)</script>&\"'"
    html = payload_html(
        {
            "name": {evil: 1},
            "value": {"name": evil},
            "nested": {"buildDetails": {evil: [evil]}},
            "cell": {"images": [{"name": evil}]},
            "rest": {"images": [{"name": "a"}], evil: evil},
        }[where]
    )
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_long_value_is_truncated_in_html():
    html = payload_html({"description": "x" * 10_000})
    assert f"<td>{'x' * (MAX_CELL_LENGTH - 1)}…</td>" in html


def test_long_list_is_truncated_in_html_with_a_count():
    html = payload_html({"images": [IMAGE] * (MAX_ROWS + 7)})
    assert html.count("<tr>") == 1 + MAX_ROWS
    assert html.endswith("<p>… and 7 more</p>")


def test_unexpected_values_are_shown_in_html():
    assert "<td>images</td><td>[1, 2]</td>" in payload_html({"images": [1, 2]})
    assert "<th>unheardOf</th>" in payload_html({"images": [{"unheardOf": None}]})
    assert "<td>null</td>" in payload_html({"images": [{"unheardOf": None}]})
    assert "{1}" in payload_html({"set": {1}})
    assert "<td>latestVersion</td><td>3</td>" in payload_html({"latestVersion": 3})


def test_iterator_html_without_a_page_is_its_summary():
    assert iterator_html("images", "nothing fetched <yet>", []) == "<p>nothing fetched &lt;yet&gt;</p>"


def test_iterator_html_is_a_table_of_the_last_page_and_the_summary():
    html = iterator_html("images", "page 2 of 3", [IMAGE, IMAGE])
    assert html.count("<td>awesome-image</td>") == 2
    assert html.endswith("<p>page 2 of 3</p>")


def test_list_of_a_new_paged_operation_is_a_table(monkeypatch):
    from peak_images_api import operations

    described = operations.table()
    new = {**described["operations"]["list_images"], "pagination": {"items": "events"}}
    monkeypatch.setattr(operations, "table", lambda: {**described, "operations": {"list_events": new}})

    html = payload_html({"eventCount": 1, "events": [{"id": 7, "kind": "built"}]})
    assert "<th>id</th><th>kind</th>" in html
    assert "eventCount: 1" in html


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("message", ["x" * 99, "漢字" * 30, "✨ done " * 20, "e\u0301" * 50, "\x1b[31mred\u202e\a" * 9])
def test_live_line_fits_the_terminal_and_has_no_control_characters(monkeypatch, message):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    with _notebook.live_build("a build", show=True) as live:
        live.set_status("build\x1bing")
        live.add_entry({"message": message})
        live.refresh()

    _, line, after = terminal.getvalue().split("\r\x1b[2K")
    assert line.startswith("a build: build ing, 0 s  ")
    assert sum(2 if east_asian_width(char) in "WF" else 1 for char in line) <= 39
    assert line.isprintable()
    assert after == ""


def test_html_of_payloads_and_iterators_masks_secrets():
    build = {"buildArguments": [{"name": "TOKEN", "value": "a-secret"}]}
    image = {"id": 1, "latestVersion": {"buildDetails": build}}

    for html in (payload_html({"images": [image]}), iterator_html("images", "", [image])):
        assert "TOKEN" in html
        assert "a-secret" not in html
