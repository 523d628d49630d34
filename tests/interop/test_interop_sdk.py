"""The SDK's own Images client, unchanged, as a client of the local service that nobody here wrote."""

import io
import json
from collections.abc import Iterator

import pytest
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header

from peak_images import Session, get_client
from tests.integration.judge import the_judge
from tests.interop.theirs import TheirError
from tests.interop.tour import tour

METHODS = {
    "list_images", "create_image", "describe_image", "delete_image", "list_image_versions", "create_version",
    "describe_version", "update_version", "delete_version", "delete_versions", "list_image_builds", "get_build_logs",
    "create_or_update_image_version",
}  # fmt: skip


@pytest.fixture
def ours(service, forwarder):
    """This package's client, by way of the forwarder, with iterators used up as the calls are made."""
    with Session(base_url=forwarder.url, auth_token=service.token) as session:
        yield _Eager(get_client(session))


class _Eager:
    def __init__(self, client):
        self._client = client

    def __getattr__(self, name):
        def call(**arguments):
            result = getattr(self._client, name)(**arguments)
            return list(result) if isinstance(result, Iterator) else result

        return call


def test_every_call_succeeds_and_is_as_the_contract_has_it(
    alone, open_theirs, forwarder, service, build_context, tmp_path
):
    log = tmp_path / "build.log"
    called = list(tour(open_theirs(alone), service, build_context, log))

    assert {name.partition(",")[0] for name, _ in called} == METHODS
    assert log.read_bytes()
    # Of create_or_update_image_version: it sends a version all fields of an image.
    undeclared = [problem.partition(":")[0] for request in service.requests for problem in request.problems]
    assert undeclared == ["name", "type", "name", "type", "version"]
    assert {request.status for request in service.requests} == {200}
    judged = [problem for exchange in forwarder.exchanges for problem in the_judge().problems(_without_json(exchange))]
    assert judged == []


def _without_json(exchange):
    """The SDK sends an empty object with what has no body, deletions and questions alike."""
    if exchange.request_headers.get("content-type") == "application/json" and bytes(exchange.sent) == b"{}":
        exchange.sent.clear()
    return exchange


def test_a_refusal_of_the_service_is_the_sdks_own_error(alone, open_theirs):
    client = open_theirs(alone)
    body = {"name": "an-image", "type": "workflow", "buildDetails": {"source": "dockerfile", "dockerfile": "FROM a"}}
    client.create_image(body=body)
    refused = {
        "NotFoundException": lambda: client.describe_image(image_id=99),
        "ConflictException": lambda: client.create_image(body=body),
        "UnprocessableEntityException": lambda: client.create_image(body={**body, "name": "b", "type": "spaceship"}),
    }

    for name, call in refused.items():
        with pytest.raises(TheirError) as caught:
            call()
        assert caught.value.classes[0] == name


ALLOWED = {
    "* | query pageSize | None → '25'": "the documented default, spelt out",
    "* | query pageNumber | None → '1'": "the documented default, spelt out",
    "create_image, upload | form buildDetails | None → {'source': 'upload'}": "the documented default, spelt out",
    "create_version, upload | form buildDetails | None → {'source': 'upload'}": "the documented default, spelt out",
    "create_or_update_image_version, * | GET /images/{}/versions | query pageSize | '1' → '100'": (
        "the lookup of the version goes through all it finds: 0.0.10 comes before 0.0.1, which would be created again"
    ),
    "create_or_update_image_version, a new version | form name | 'upserted' → None": "a version has no such field",
    "create_or_update_image_version, a new version | form type | 'workflow' → None": "a version has no such field",
    "create_or_update_image_version, the same version | form name | 'upserted' → None": "a version has no such field",
    "create_or_update_image_version, the same version | form type | 'workflow' → None": "a version has no such field",
    "create_or_update_image_version, the same version | form version | '0.0.1' → None": (
        "an update can't change the version's own name"
    ),
}
"""What may differ between what the SDK sends and what this package sends, with the reason. Nothing else may, and what
stands here does. Not looked at: headers but for the token's and the type of the body; the bytes of the archive; what
the SDK asks beside its calls, which is the subject of a test of its own."""


def test_the_same_calls_send_the_same_requests(alone, open_theirs, ours, forwarder, service, build_context, tmp_path):
    theirs = _sent_by(open_theirs(alone), forwarder, service, build_context, tmp_path)
    service.reset()
    service.control.clock.freeze()
    sent = _sent_by(ours, forwarder, service, build_context, tmp_path)

    assert [name for name, _ in sent] == [name for name, _ in theirs]
    used, differences = set(), []
    for (name, their_requests), (_, our_requests) in zip(theirs, sent, strict=True):
        assert [request["line"] for request in our_requests] == [request["line"] for request in their_requests], name
        for one, other in zip(their_requests, our_requests, strict=True):
            for difference in _differences(one, other):
                allowed = next((key for key in ALLOWED if _is_about(key, name, one["shape"], difference)), None)
                used.add(allowed)
                if allowed is None:
                    differences.append(f"{name} | {one['shape']} | {difference}")
    assert differences == []
    assert used == {*ALLOWED}


def _sent_by(client, forwarder, service, context, folder):
    """For each call of the tour, the requests it made."""
    forwarder.taken()
    return [(name, list(map(_read, forwarder.taken()))) for name, _ in tour(client, service, context, folder / "a.log")]


def _read(exchange):
    headers = exchange.request_headers
    path = exchange.url.path.removeprefix("/image-management/api/v2")
    is_download = path.startswith("/downloads/")
    read = {
        "line": f"{exchange.method} {'/downloads/' if is_download else path}",
        "shape": f"{exchange.method} " + "/".join("{}" if part.isdigit() else part for part in path.split("/")),
        "query": {},
        "form": {},
        "token": headers.get("authorization"),
    }
    if not is_download:
        for name, value in exchange.url.params.multi_items():
            read["query"][name] = [*read["query"].get(name, []), value]
    kind, options = parse_options_header(headers.get("content-type"))
    if kind == "multipart/form-data":
        body = bytes(exchange.sent)
        fields, files = MultiPartParser().parse(io.BytesIO(body), options["boundary"].encode(), len(body))
        read["form"] = {name: [_value(text) for text in texts] for name, texts in fields.lists()}
        for name, file in files.items():
            read["form"][name] = [(file.filename, file.mimetype)]
            file.close()
    return read


def _value(text):
    try:
        return json.loads(text) if text.startswith(("{", "[")) else text
    except ValueError:
        return text


def _differences(theirs, ours):
    for kind in ("query", "form"):
        for name in sorted(theirs[kind].keys() | ours[kind].keys()):
            one, other = theirs[kind].get(name), ours[kind].get(name)
            if one != other:
                one, other = (value[0] if value and len(value) == 1 else value for value in (one, other))
                yield f"{kind} {name} | {one!r} → {other!r}"
    if theirs["token"] != ours["token"]:
        yield f"token | {theirs['token']!r} → {ours['token']!r}"


def _is_about(key, name, shape, difference):
    """Whether an entry of the table is about a difference; in the name of a call, ``*`` is anything."""
    where, _, what = key.partition(" | ")
    if what.startswith("GET "):
        about_shape, _, what = what.partition(" | ")
        if about_shape != shape:
            return False
    start, star, _ = where.partition("*")
    return what == difference and (name.startswith(start) if star else name == where)


def test_the_sdk_asks_for_more_than_it_is_asked_for_and_this_package_does_not(alone, open_theirs, ours, forwarder):
    theirs = open_theirs(alone)
    theirs.list_images(return_iterator=False)
    theirs.list_images(return_iterator=False)
    theirs.close()
    beside = {path.partition("/api/")[0] for _, path in forwarder.others}
    forwarder.others.clear()
    ours.list_images(return_iterator=False)

    assert beside == {"/tenant-management", "/resource-usage"}
    assert forwarder.others == []
