"""What is logged of requests and responses, and what never is."""

import io
import logging

import pytest

from peak_images import Session, get_client

TOKEN = "t0ken-of-this-test"
CREATED = {"imageId": 1, "versionId": 2, "buildId": 3}
SECRET = [{"name": "PASSWORD", "value": "hunter2"}]


@pytest.fixture
def client(wire, caplog):
    caplog.set_level(logging.DEBUG, "peak_images")
    wire.body = CREATED
    return get_client(Session(TOKEN))


def test_a_request_and_its_answer_are_logged(client, caplog):
    client.describe_image(1)

    [request, response] = [record.getMessage() for record in caplog.records if record.name == "peak_images"]
    assert request.startswith("describe_image: ")
    assert "https://service.peak.ai/image-management/api/v2/images/1" in request
    assert response == 'describe_image: 200 {"imageId": 1, "versionId": 2, "buildId": 3}'


def test_nothing_is_logged_unless_it_is_asked_for(client, caplog):
    caplog.set_level(logging.INFO, "peak_images")
    client.describe_image(1)

    assert [record for record in caplog.records if record.name == "peak_images"] == []


def test_the_fields_of_a_form_are_logged_without_the_values_of_build_arguments(client, caplog):
    details = {"source": "dockerfile", "dockerfile": "FROM nginx", "buildArguments": SECRET}
    client.create_image({"name": "an-image", "type": "api", "buildDetails": details})

    assert "an-image" in caplog.text
    assert "PASSWORD" in caplog.text
    assert "hunter2" not in caplog.text


def test_the_bytes_of_an_artifact_are_not_logged(client, caplog, tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM nginx\n")
    client.create_image({"name": "an-image", "type": "api"}, {"path": tmp_path})

    assert "artifact.zip" in caplog.text
    assert "PK" not in caplog.text


def test_an_answer_is_logged_without_secrets(client, caplog, wire):
    wire.body = {
        "logs": [{"buildArguments": SECRET}, "a"],
        "downloadUrl": "https://logs.example.com/1.log?signature=abc",
    }
    client.describe_image(1)

    assert "hunter2" not in caplog.text
    assert "signature" not in caplog.text
    assert "https://logs.example.com/1.log?***" in caplog.text


@pytest.mark.parametrize("arguments", ["hunter2", ["hunter2"], {"PASSWORD": "hunter2"}])
def test_odd_build_arguments_are_not_logged(client, caplog, wire, arguments):
    wire.body = {"buildArguments": arguments}
    client.describe_image(1)

    assert "hunter2" not in caplog.text


def test_an_answer_that_is_not_json_is_logged_by_its_size(client, caplog, wire):
    wire.status, wire.body = 404, b"<html>"
    with pytest.raises(Exception, match="404"):
        client.describe_image(1)

    assert "describe_image: 404 6 bytes that are not JSON" in caplog.text


def test_a_long_answer_is_cut(client, caplog, wire):
    wire.body = {"long": "x" * 10_000}
    client.describe_image(1)

    assert max(len(record.getMessage()) for record in caplog.records) < 2100


def test_the_token_is_not_logged_even_if_the_service_says_it(client, caplog, wire):
    wire.status, wire.body = 404, {"detail": f"the token {TOKEN} is odd"}
    with pytest.raises(Exception, match="404"):
        client.describe_image(1)

    assert TOKEN not in caplog.text


@pytest.mark.parametrize("looking", [True, False])
@pytest.mark.parametrize(("size", "wanted"), [(10**6 + 1, True), (10**6, True), (10**6 + 1, False)])
def test_a_bar_is_shown_for_a_large_artifact_where_a_person_is_looking(monkeypatch, looking, size, wanted):
    from peak_images._uploads import PROGRESS_BAR_THRESHOLD, reporting

    class Terminal(io.StringIO):
        def isatty(self):
            return looking

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with reporting(None, size, show=wanted) as report:
        if report is not None:
            report(size, size)

    assert ("artifact" in terminal.getvalue()) == (looking and wanted and size > PROGRESS_BAR_THRESHOLD)


def test_who_asks_to_be_told_gets_no_bar(monkeypatch):
    from peak_images._uploads import reporting

    told = []
    with reporting(lambda *numbers: told.append(numbers), 10**7, show=True) as report:
        report(1, 2)

    assert told == [(1, 2)]
