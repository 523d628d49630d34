"""The log of requests and responses, and redaction of secrets."""

import io
import logging

import pytest

from peak_images import Session, _secrets, get_client
from peak_images_api import operations

TOKEN = "t0ken-of-this-test"
CREATED = {"imageId": 1, "versionId": 2, "buildId": 3}
SECRET = [{"name": "PASSWORD", "value": "hunter2"}]


@pytest.fixture
def client(wire, caplog):
    caplog.set_level(logging.DEBUG, "peak_images")
    wire.body = CREATED
    return get_client(Session(TOKEN))


def test_request_and_response_are_logged_at_debug(client, caplog):
    client.describe_image(1)

    [request, response] = [record.getMessage() for record in caplog.records if record.name == "peak_images"]
    assert request.startswith("describe_image: ")
    assert "https://service.peak.ai/image-management/api/v2/images/1" in request
    assert response == 'describe_image: 200 {"imageId": 1, "versionId": 2, "buildId": 3}'


def test_nothing_is_logged_at_info(client, caplog):
    caplog.set_level(logging.INFO, "peak_images")
    client.describe_image(1)

    assert [record for record in caplog.records if record.name == "peak_images"] == []


def test_build_argument_values_are_redacted_in_the_log(client, caplog):
    details = {"source": "dockerfile", "dockerfile": "FROM nginx", "buildArguments": SECRET}
    client.create_image({"name": "an-image", "type": "api", "buildDetails": details})

    assert "an-image" in caplog.text
    assert "PASSWORD" in caplog.text
    assert "hunter2" not in caplog.text


def test_artifact_bytes_are_not_logged(client, caplog, tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM nginx\n")
    client.create_image({"name": "an-image", "type": "api"}, {"path": tmp_path})

    assert "artifact.zip" in caplog.text
    assert "PK" not in caplog.text


def test_secrets_of_responses_are_redacted_in_the_log(client, caplog, wire):
    wire.body = {
        "logs": [{"buildArguments": SECRET}, "a"],
        "downloadUrl": "https://logs.example.com/1.log?signature=abc",
    }
    client.describe_image(1)

    assert "hunter2" not in caplog.text
    assert "signature" not in caplog.text
    assert "https://logs.example.com/1.log?***" in caplog.text


def test_secret_query_parameters_are_redacted_in_the_log_and_in_a_dry_run(client, caplog, wire, monkeypatch):
    [name] = [one for one in operations.operation("list_images")["parameters"] if one["argument"] == "name"]
    monkeypatch.setitem(name, "secret", True)
    monkeypatch.setattr(_secrets, "_secret_parameters", _secrets._secret_parameters.__wrapped__)
    caplog.set_level(logging.INFO, "httpx")
    requests = []

    for one in (client, client.with_options(dry_run=requests.append)):
        one.list_images(page_size=7, name="hunter 2&", return_iterator=False)

    for text in (caplog.text, repr(requests)):
        assert "searchTerm=***" in text
        assert "pageSize=7" in text
        assert "hunter" not in text
    assert "HTTP Request: GET" in caplog.text
    assert "hunter" in requests[0].url


@pytest.mark.parametrize("arguments", ["hunter2", ["hunter2"], {"PASSWORD": "hunter2"}])
def test_malformed_build_arguments_are_redacted_in_the_log(client, caplog, wire, arguments):
    wire.body = {"buildArguments": arguments}
    client.describe_image(1)

    assert "hunter2" not in caplog.text


def test_response_that_is_not_json_is_logged_by_size(client, caplog, wire):
    wire.status, wire.body = 404, b"<html>"
    with pytest.raises(Exception, match="404"):
        client.describe_image(1)

    assert "describe_image: 404 6 bytes that are not JSON" in caplog.text


def test_long_response_is_truncated_in_the_log(client, caplog, wire):
    wire.body = {"long": "x" * 10_000}
    client.describe_image(1)

    assert max(len(record.getMessage()) for record in caplog.records) < 2100


def test_token_quoted_by_the_service_is_redacted_in_the_log(client, caplog, wire):
    wire.status, wire.body = 404, {"detail": f"the token {TOKEN} is odd"}
    with pytest.raises(Exception, match="404"):
        client.describe_image(1)

    assert TOKEN not in caplog.text


@pytest.mark.parametrize("looking", [True, False])
@pytest.mark.parametrize(("size", "wanted"), [(10**6 + 1, True), (10**6, True), (10**6 + 1, False)])
def test_progress_bar_is_shown_for_large_artifacts_on_terminals(monkeypatch, looking, size, wanted):
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


def test_on_progress_replaces_the_progress_bar(monkeypatch):
    from peak_images._uploads import reporting

    reported = []
    with reporting(lambda *numbers: reported.append(numbers), 10**7, show=True) as report:
        report(1, 2)

    assert reported == [(1, 2)]
