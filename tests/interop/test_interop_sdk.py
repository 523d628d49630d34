"""The SDK's own Images client, unchanged, as an independent client of the local service."""

import io
import json
import os
import stat
from collections.abc import Iterator
from typing import NamedTuple
from zipfile import ZipFile

import pytest
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header

from peak_images import Session, get_client
from tests.integration.contract_validator import contract_validator
from tests.interop.peak_sdk import SdkError
from tests.interop.tour import tour

METHODS = {
    "list_images", "create_image", "describe_image", "delete_image", "list_image_versions", "create_version",
    "describe_version", "update_version", "delete_version", "delete_versions", "list_image_builds", "get_build_logs",
    "create_or_update_image_version",
}  # fmt: skip
UPSERT = "create_or_update_image_version"


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
    called, found, seen = [], [], 0
    for name, _ in tour(open_theirs(alone), service, build_context, log):
        called.append(name)
        received = [request.problems for request in service.requests[seen:] if request.problems]
        found += [(name, tuple(problem.partition(";")[0] for problem in problems)) for problems in received]
        seen = len(service.requests)

    assert {name.partition(",")[0] for name in called} == METHODS
    assert log.read_bytes()
    # It sends a version all fields of an image.
    assert found == [
        (f"{UPSERT}, {what} {how}", tuple(f"{field}: the contract doesn't declare it" for field in fields))
        for how in ("from a Dockerfile", "from a folder")
        for what, fields in {
            "a new version": ("name", "type"),
            "no version": ("name", "type"),
            "the same version": ("name", "type", "version"),
        }.items()
    ]
    assert {request.status for request in service.requests} == {200}
    validated = [
        problem
        for exchange in forwarder.exchanges
        for problem in contract_validator().problems(_without_json(exchange))
    ]
    assert validated == []


def _without_json(exchange):
    """Return requests without the empty object that the SDK sends where there is no body, with GET and DELETE too."""
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
        with pytest.raises(SdkError) as caught:
            call()
        assert caught.value.classes[0] == name


class Allowed(NamedTuple):
    """What may differ, and does.

    Attributes:
        calls: The names of the calls. A method's name stands for all calls of it.
        differences: What is theirs and what is ours. Where a call makes requests of several kinds, the kind is first.
        reason: Why it is allowed.
    """

    calls: tuple[str, ...]
    differences: tuple[str, ...]
    reason: str


LISTS = ("list_images", "list_image_versions", "list_image_builds")
WITHOUT_BODY = (
    *LISTS, "describe_image", "describe_version", "get_build_logs", "delete_image", "delete_version", "delete_versions",
)  # fmt: skip
INTO_A_VERSION = tuple(
    f"{UPSERT}, {what} {how}"
    for what in ("a new version", "no version", "the same version")
    for how in ("from a Dockerfile", "from a folder")
)
UPLOADS_WITHOUT_DETAILS = (
    "create_image, upload",
    "create_version, upload",
    f"{UPSERT}, a new image from a folder",
    f"{UPSERT}, a new version from a folder",
    f"{UPSERT}, no version from a folder",
)
UPLOADS = (
    *UPLOADS_WITHOUT_DETAILS,
    "create_image, upload with build details",
    "update_version, upload",
    f"{UPSERT}, the same version from a folder",
)
HAS_MODES = os.name != "nt"

ALLOWED = [
    Allowed(
        ("list_image_versions",),
        ("query pageNumber | '1' → None",),
        "a default that the service applies by itself isn't sent",
    ),
    Allowed(
        ("list_image_builds",),
        ("query pageNumber | '1' → None", "query count | '-1' → None"),
        "a default that the service applies by itself isn't sent",
    ),
    Allowed(
        (UPSERT,),
        ("GET /images/ | query pageNumber | None → '1'", "GET /images/{}/versions | query pageNumber | None → '1'"),
        "a lookup is an iterator, which numbers its pages",
    ),
    Allowed(
        (UPSERT,),
        ("GET /images/{}/versions | query pageSize | '1' → '100'",),
        "the lookup of the version goes through all it finds: 0.0.10 comes before 0.0.1, which would be created again",
    ),
    Allowed(
        ("list_image_builds, dates in other forms",),
        (
            "query dateFrom | '2023-01-01T00:00:00Z' → '2023-01-01T00:00:00.000Z'",
            "query dateTo | '2100-01-01T02:00:00+02:00' → '2100-01-01T00:00:00.000Z'",
        ),
        "the same times: whatever form they are given in, one travels, which is the one that the documentation shows",
    ),
    Allowed(
        UPLOADS_WITHOUT_DETAILS,
        ("form buildDetails | None → {'source': 'upload'}",),
        "the documented default of what is created, sent explicitly; what is updated keeps the details that it has",
    ),
    Allowed(
        INTO_A_VERSION,
        (
            "form name | 'upserted' → None",
            "form name | 'upserted-from-a-folder' → None",
            "form type | 'workflow' → None",
        ),
        "the name and the type are the image's: the contract declares no such fields of a version",
    ),
    Allowed(
        (f"{UPSERT}, the same version from a Dockerfile", f"{UPSERT}, the same version from a folder"),
        ("form version | '0.0.1' → None",),
        "an update can't change the version's own name, and the contract declares no such field of it",
    ),
    Allowed(
        WITHOUT_BODY,
        ("body | ('application/json', b'{}') → ('', b'')",),
        "the contract gives questions and deletions no body; the SDK sends an empty object with them",
    ),
    Allowed(
        (UPSERT,),
        (
            "GET /images/ | body | ('application/json', b'{}') → ('', b'')",
            "GET /images/{}/versions | body | ('application/json', b'{}') → ('', b'')",
        ),
        "the same of its lookups, which are questions",
    ),
    Allowed(
        UPLOADS,
        ("archive app/readme.md | not there → there",),
        "ignore files are read by Docker's rules, where *.md is of the root alone, and not by those of git",
    ),
    Allowed(
        UPLOADS,
        ("archive empty/ | not there → there",),
        "an empty folder is part of the build context: a COPY of it fails where it is left out",
    ),
    Allowed(
        UPLOADS,
        ("archive dates | [(2024, 5, 6, 7, 8, 10)] → [(1980, 1, 1, 0, 0, 0)]",),
        "the same tree is to make the same archive, whenever it was checked out: all have the format's first day",
    ),
]
"""What may differ between what the SDK sends and what this package sends, with the reason. Nothing else may, and what
stands here does. Not looked at: headers but for the token's and the type of the body; the bytes of an archive, whose
entries are compared, and their order, which is another each time in the SDK's; what the SDK asks beside its calls,
which is the subject of a test of its own."""
if HAS_MODES:
    ALLOWED.append(
        Allowed(
            UPLOADS,
            ("archive app/private.ini, mode | '-rw-------' → '-rw-r--r--'",),
            "the same tree is to make the same archive, whoever checked it out: of a mode, what can be run is kept",
        )
    )


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
                allowing = list(_allowing(name, one["shape"], difference))
                used.update(allowing)
                if not allowing:
                    differences.append(f"{name} | {one['shape']} | {difference}")
    assert differences == [], "\n".join(differences)
    assert used == {(row, what) for row in ALLOWED for what in (*row.calls, *row.differences)}


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
        "archive": {},
        "token": headers.get("authorization"),
    }
    if not is_download:
        for name, value in exchange.url.params.multi_items():
            read["query"][name] = [*read["query"].get(name, []), value]
    kind, options = parse_options_header(headers.get("content-type"))
    body = bytes(exchange.sent)
    if kind == "multipart/form-data":
        fields, files = MultiPartParser().parse(io.BytesIO(body), options["boundary"].encode(), len(body))
        read["form"] = {name: [_value(text) for text in texts] for name, texts in fields.lists()}
        for name, file in files.items():
            read["form"][name] = [(file.filename, file.mimetype)]
            read["archive"] = _entries(file)
            file.close()
        body = b"a form"
    return {**read, "body": (kind, body)}


def _entries(file):
    """Return what an archive holds, by the names of its entries."""
    with ZipFile(file) as archive:
        assert len(set(archive.namelist())) == len(archive.namelist())
        return {
            entry.filename: {
                "date": entry.date_time,
                "mode": stat.filemode(entry.external_attr >> 16) if HAS_MODES else "",
                "size": entry.file_size,
                "content": archive.read(entry),
            }
            for entry in archive.infolist()
        }


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
    yield from _differences_of_archives(theirs["archive"], ours["archive"])
    for what in ("token", "body"):
        if theirs[what] != ours[what]:
            yield f"{what} | {theirs[what]!r} → {ours[what]!r}"


def _differences_of_archives(theirs, ours):
    for name in sorted(theirs.keys() ^ ours.keys()):
        yield f"archive {name} | " + ("there → not there" if name in theirs else "not there → there")
    for name in sorted(theirs.keys() & ours.keys()):
        for what in ("mode", "size", "content"):
            one, other = theirs[name][what], ours[name][what]
            if one != other:
                yield f"archive {name}, {what} | {one!r} → {other!r}"
    one, other = (sorted({entry["date"] for entry in entries.values()}) for entries in (theirs, ours))
    if one != other:
        yield f"archive dates | {one} → {other}"


def _allowing(name, shape, difference):
    """Yield the rows of the table that are about a difference, each with what it has of the call and the difference."""
    for row in ALLOWED:
        calls = {name, name.partition(",")[0]}.intersection(row.calls)
        differences = {difference, f"{shape} | {difference}"}.intersection(row.differences)
        if calls and differences:
            yield from ((row, what) for what in (*calls, *differences))


def test_sdk_sends_extra_requests_and_this_package_does_not(alone, open_theirs, ours, forwarder):
    theirs = open_theirs(alone)
    theirs.list_images(return_iterator=False)
    theirs.list_images(return_iterator=False)
    theirs.close()
    beside = {path.partition("/api/")[0] for _, path in forwarder.others}
    forwarder.others.clear()
    ours.list_images(return_iterator=False)

    assert beside == {"/tenant-management", "/resource-usage"}
    assert forwarder.others == []
