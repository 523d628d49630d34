"""The generated calls: what they send, and when their responses are parsed."""

import io
import re

import anyio
import httpx
import pytest

from peak_images_api import AuthenticatedClient, Client, models, operations
from peak_images_api.api.builds import get_build_logs, list_image_builds
from peak_images_api.api.images import create_image, delete_image, describe_image, list_images
from peak_images_api.api.versions import create_version, delete_versions, update_version
from peak_images_api.errors import UnexpectedStatus
from peak_images_api.types import File
from tests.contract_facts import contract_operations, schema

IMAGE = {"id": 1, "name": "a", "type": "api", "latestVersion": {"id": 2, "version": "1", "status": "ready"}}


@pytest.fixture
def client(wire):
    wire.body = IMAGE
    with AuthenticatedClient("https://service.peak.ai/image-management/api/v2", token="a-token") as opened:
        yield opened


def parts(request):
    """Return the parts of a form, each with its head and its content."""
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    chunks = request.content.split(b"--" + boundary)
    assert chunks[-1] == b"--\r\n"
    heads = [chunk.strip(b"\r\n").partition(b"\r\n\r\n") for chunk in chunks[1:-1]]
    return {re.search(rb'name="(.+?)"', head)[1].decode(): (head.decode(), content) for head, _, content in heads}


FORM = models.ImageCreateForm.from_dict(
    {"name": 'ä "b"', "type": "api", "buildDetails": {"source": "upload", "useCache": False}, "extra": [1, None]}
)


def test_form_sends_text_unchanged_and_other_values_as_json(client, wire):
    create_image.sync_detailed(client=client, body=FORM)

    sent = parts(wire.requests[0])
    assert {name: content.decode() for name, (_, content) in sent.items()} == {
        "name": 'ä "b"',
        "type": "api",
        "buildDetails": '{"source": "upload", "useCache": false}',
        "extra": "[1, null]",
    }
    assert [head for head, _ in sent.values() if "content-type" in head.lower() or "filename" in head] == []


def test_form_has_no_part_for_none(client, wire):
    form = {"name": "a", "type": "api", "description": None}
    create_image.sync_detailed(client=client, body=models.ImageCreateForm.from_dict(form))

    assert parts(wire.requests[0]).keys() == {"name", "type"}


def test_multipart_boundary_is_unique(client, wire):
    for _ in range(2):
        create_image.sync_detailed(client=client, body=FORM)

    first, second = (request.headers["content-type"] for request in wire.requests)
    assert first.startswith("multipart/form-data; boundary=")
    assert first != second
    assert "+++" not in first


def test_multipart_file_with_boundary_like_content_is_sent_whole(client, wire):
    content = b'--+++\r\nContent-Disposition: form-data; name="type"\r\n\r\nwebapp\r\n--+++--\r\n'
    form = models.VersionCreateForm(artifact=File(io.BytesIO(content), "artifact.zip", "application/zip"))
    create_version.sync_detailed(7, client=client, body=form)

    head, sent = parts(wire.requests[0])["artifact"]
    assert sent == content.strip(b"\r\n")
    assert 'filename="artifact.zip"' in head
    assert "Content-Type: application/zip" in head


def test_form_without_a_file_is_multipart(client, wire):
    update_version.sync_detailed(7, 8, client=client, body=models.VersionUpdateForm(description="better"))

    assert wire.requests[0].headers["content-type"].startswith("multipart/form-data")
    assert parts(wire.requests[0]).keys() == {"description"}


def test_form_without_fields_is_multipart(client, wire):
    update_version.sync_detailed(7, 8, client=client, body=models.VersionUpdateForm())

    assert wire.requests[0].headers.get("content-type", "").startswith("multipart/form-data; boundary=")


def test_query_repeats_keys_of_arrays(client, wire):
    list_images.sync_detailed(client=client, status=[models.ImageStatus.IN_USE, "ready"], search_term="a&b")
    delete_versions.sync_detailed(7, client=client, version_ids=[1, 2])

    assert wire.requests[0].url.params.get_list("status") == ["in-use", "ready"]
    assert wire.requests[0].url.params["searchTerm"] == "a&b"
    assert "scope" not in wire.requests[0].url.params
    assert wire.requests[1].url.query == b"versionIds=1&versionIds=2"


def test_path_parameters_are_quoted(client, wire):
    get_build_logs.sync_detailed(7, "a/b?c#d", client=client)

    assert wire.requests[0].url.raw_path.endswith(b"/images/7/builds/a%2Fb%3Fc%23d/logs")


def test_authorization_header_is_the_token_unchanged(client, wire):
    describe_image.sync_detailed(1, client=client)

    assert wire.requests[0].headers["authorization"] == "a-token"
    assert "a-token" not in repr(client)


def test_generated_client_has_default_timeouts(client, wire):
    describe_image.sync_detailed(1, client=client)

    assert wire.requests[0].extensions["timeout"] == {"connect": 5, "read": 30, "write": 60, "pool": 5}


@pytest.mark.parametrize("status", [200, 204, 301, 404, 418, 502, 520, 599])
def test_any_status_gives_a_response(client, wire, status):
    wire.status, wire.body, wire.headers = status, b"<html>", {"X-Request-Id": "r-1"}
    response = describe_image.sync_detailed(1, client=client)

    assert (response.status_code, response.content, response.headers["x-request-id"]) == (status, b"<html>", "r-1")
    assert repr(response) == f"<Response {status}, 6 bytes>"
    assert response.url == "https://service.peak.ai/image-management/api/v2/images/1"


def test_response_is_parsed_lazily_and_once(client, wire, monkeypatch):
    parsed = []
    monkeypatch.setattr(models.Image, "from_dict", lambda fields: parsed.append(fields) or object())
    response = describe_image.sync_detailed(1, client=client)
    assert parsed == []
    assert response.parsed is response.parsed
    assert parsed == [IMAGE]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 500])
def test_documented_error_is_parsed_into_its_model(client, wire, status):
    wire.status, wire.body = status, {"detail": "no"}

    assert describe_image.sync_detailed(1, client=client).parsed == models.Error(detail="no")


@pytest.mark.parametrize("status", [201, 302, 418, 429, 502, 520])
def test_parsing_an_undocumented_status_raises(client, wire, status):
    wire.status, wire.body = status, b"\xff<html>"
    response = describe_image.sync_detailed(1, client=client)

    with pytest.raises(UnexpectedStatus, match=f"Undocumented status {status}: .<html>") as caught:
        _ = response.parsed
    assert (caught.value.status_code, caught.value.content) == (status, b"\xff<html>")


@pytest.mark.parametrize(("status", "body", "parsed"), [(200, {}, models.Deleting()), (204, b"", None)])
def test_both_responses_to_delete_are_parsed(client, wire, status, body, parsed):
    wire.status, wire.body = status, body

    assert delete_image.sync_detailed(1, client=client).parsed == parsed


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_async_generated_call_equals_sync(wire, backend):
    wire.body = {"builds": [], "buildCount": 0, "pageSize": 25, "pageNumber": 1, "pageCount": 1}

    async def call():
        async with Client("https://service.peak.ai", headers={"Authorization": "t"}) as client:
            return await list_image_builds.asyncio_detailed(7, client=client, build_status=["failed"])

    page = anyio.run(call, backend=backend).parsed

    assert (page.build_count, page.builds) == (0, [])
    assert wire.requests[0].url.params["buildStatus"] == "failed"


def test_custom_httpx_client_is_used_by_generated_calls(wire):
    with httpx.Client(base_url="https://proxy.example", headers={"X-Mine": "1"}) as ready:
        client = Client("https://ignored.example").set_httpx_client(ready)
        describe_image.sync_detailed(1, client=client)

    assert wire.requests[0].url.host == "proxy.example"
    assert wire.requests[0].headers["x-mine"] == "1"


def test_operations_table_covers_the_contract():
    described = operations.table()["operations"]

    assert {name: bool(one["body"]) for name, one in described.items()} == {
        operation.name: operation.body is not None for operation in contract_operations()
    }
    assert operations.operation("describe_image")["path"] == "/images/{imageId}"
    assert operations.final_states("BuildStatus") == set(schema("BuildStatus")["x-final"])
    assert ["buildArguments", "value"] in operations.table()["secrets"]
