"""The local service, the waits and the masking of secrets follow the contract."""

from __future__ import annotations

import importlib.util
import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from peak_images import BuildFailedError, Image, Session, WaitTimeoutError, get_client
from peak_images_cli.__main__ import main
from peak_images_local import LocalService
from tests.contract.layers import (
    PREFIX,
    SECRET,
    allowed,
    argument,
    bodies,
    call,
    command,
    method_name,
    option,
    snake_case,
    value_for,
)
from tests.contract_facts import contract_operations, properties, resolve, schema, union_members

# What is deprecated warns, which a test of its own checks.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = {operation.name: operation for operation in contract_operations()}

NOT_SIMULATED: dict[str, str] = {}
"""Operations that the local service has no handler for, each with the reason."""

NOT_SENT = {
    r".*\.(builtFrom|clonedFrom)": "only the platform builds versions from others, or clones them",
    r"list_\w+ .*\.buildDetails\.(?!source$).*": "lists show no more of the build details than the source",
    r"list_\w+ .*\.lastBuildAt": "lists don't show it",
    r"list_images images\[\]\.(createdAt|createdBy)": "lists don't show it",
    r"(?!list_image_versions).* (.*\.)?isLatest": "only the list of versions shows it",
}
"""Fields of responses, as ``operation place``, that the local service doesn't send, each with the reason."""


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_operation_has_a_handler(service, exchanges, operation):
    call(service, Image, operation, bodies(operation)[-1] if operation.body else None)

    assert (exchanges[-1].status == 501) == (operation.name in NOT_SIMULATED)


@pytest.fixture(scope="module")
def http(service):
    with httpx.Client(base_url=service.url, headers={"Authorization": service.token}) as client:
        yield client


LISTED = [
    pytest.param(operation, parameter, id=f"{operation.name}-{parameter['name']}")
    for operation in OPERATIONS.values()
    for parameter in operation.parameters
    if allowed(parameter["schema"]) and operation.name not in NOT_SIMULATED
]


@pytest.mark.parametrize(("operation", "parameter"), LISTED)
def test_each_value_of_a_parameter_is_accepted_and_no_other(service, http, operation, parameter):
    def status(value: Any) -> int:
        given = {one["name"]: value_for(one["schema"], one.get("example")) for one in operation.parameters}
        values = {place: {} for place in ("header", "query", "cookie")}
        values |= {"path": given, "header": {name: each for name, (_, each) in required_headers(operation).items()}}
        values[parameter["in"]][parameter["name"]] = value
        path = operation.path.format(**values["path"])
        response = http.request(operation.method, PREFIX + path, params=values["query"], headers=values["header"])
        return response.status_code

    accepted = allowed(parameter["schema"])
    if status(accepted[0]) == 501:
        return  # it has no handler, as another test reports
    assert [value for value in accepted if status(value) in (400, 422)] == []
    assert status("spaceship") == 422


@pytest.mark.parametrize(
    "operation", [pytest.param(one, id=one.name) for one in OPERATIONS.values() if "x-pagination" in one.described]
)
def test_default_page_size_is_that_of_the_contract(service, http, operation):
    size = next((one for one in operation.parameters if one["name"] == "pageSize"), None)
    if size is None or operation.name in NOT_SIMULATED:
        return
    name = f"page-{operation.name}".replace("_", "-")
    with Session(base_url=service.url, auth_token=service.token) as session, get_client(session) as client:
        image = client.create_image(bodies(OPERATIONS["create_image"])[1] | {"name": name})
    headers = {name: value for name, (_, value) in required_headers(operation).items()}
    response = http.get(PREFIX + operation.path.format(imageId=image["imageId"]), headers=headers)

    if response.status_code == 501:
        return  # it has no handler, as another test reports
    assert response.json()["pageSize"] == resolve(size["schema"])["default"]


def fields_of(node: Any, owner: str, seen: tuple[str, ...] = ()) -> set[str]:
    """Return the fields of a response by their places, such as ``images[].latestVersion.status``."""
    node = resolve(node)
    if "items" in node:
        return fields_of(node["items"], f"{owner}[]", seen)
    found = set()
    for name, field in properties(node).items():
        place = f"{owner}.{name}".removeprefix(".")
        found |= {place, *fields_of(field, place, seen)}
    return found


def places_in(value: Any, owner: str) -> set[str]:
    if isinstance(value, list):
        return set().union(*(places_in(item, f"{owner}[]") for item in value))
    if not isinstance(value, dict):
        return set()
    named = {f"{owner}.{name}".removeprefix("."): item for name, item in value.items()}
    return {*named, *(place for name, item in named.items() for place in places_in(item, name))}


def required_headers(operation: Any) -> dict[str, tuple[dict[str, Any], Any]]:
    """Return the required parameters in headers, each with a value."""
    required = [one for one in operation.parameters if one["in"] == "header" and one.get("required")]
    return {one["name"]: (one, value_for(one["schema"], one.get("example"))) for one in required}


class Tour:
    """Calls operations, and notes which fields come back."""

    def __init__(self, client: Any, service: LocalService) -> None:
        self.found: dict[str, set[str]] = {name: set() for name in OPERATIONS}
        self._client, self._service = client, service

    def call(self, name: str, *given: Any, **options: Any) -> Any:
        operation = OPERATIONS.get(name)
        if operation is None:  # renamed or removed, which other tests report
            return {}
        named = {argument(one): value for one, value in required_headers(operation).values()}
        method = getattr(self._client, operation.described.get("x-python-name", snake_case(name)))
        response = method(*given, **options, **named)
        self.found[name] |= places_in(json.loads(json.dumps(response)), "")
        return response

    def take(self, number: int, body: dict[str, Any], artifact: Any) -> None:
        """Create an image from a body, and look at all that there is to see of it."""
        body["buildDetails"] |= {"dockerfile": "FROM scratch"} if "dockerfile" in body["buildDetails"] else {}
        body |= {"name": f"image-{number}", "version": "0.0.1"}
        made = self.call("create_image", body, artifact)
        image, version = made["imageId"], made["versionId"]
        self._service.control.next_build(failure="no")
        other = self.call("create_version", image, {"buildDetails": body["buildDetails"], "version": "0.0.2"}, artifact)
        for each in (version, other["versionId"]):
            self._service.control.set_tags(each, ["hello"])
        self._service.control.finish_builds()
        self.call("update_version", image, other["versionId"], {"description": "Another"})
        self._service.control.finish_builds()
        self.call("describe_image", image)
        self.call("describe_version", image, version)
        self.call("list_images", return_iterator=False)
        self.call("list_image_versions", image, return_iterator=False)
        build = self.call("list_image_builds", image, return_iterator=False)["builds"][-1]["buildId"]
        self.call("get_build_logs", image, build)
        self.call("get_build_logs_download", image, build)


@pytest.fixture(scope="module")
def responses(service, tmp_path_factory):
    """All fields that the local service sends, by operation and place."""
    service.reset()
    context = tmp_path_factory.mktemp("context")
    (context / "Dockerfile").write_text("FROM scratch\n")
    with Session(base_url=service.url, auth_token=service.token) as session, get_client(session) as client:
        tour = Tour(client, service)
        for number, body in enumerate(bodies(OPERATIONS["create_image"])):
            uploads = body["buildDetails"]["source"] == "upload"
            if uploads:
                body["buildDetails"] |= {"dockerfilePath": "Dockerfile", "context": "."}
            tour.take(number, body, {"path": context} if uploads else None)
    return tour.found


@pytest.mark.parametrize(
    "operation",
    [pytest.param(one, id=one.name) for one in OPERATIONS.values() if one.response and one.name not in NOT_SIMULATED],
)
def test_each_field_of_a_response_is_sent(responses, operation):
    missing = fields_of(operation.response, "") - responses[operation.name]

    assert [place for place in sorted(missing) if not reason_for(operation.name, place)] == []


def test_listed_fields_are_not_sent(responses):
    assert [(name, place) for name, places in responses.items() for place in places if reason_for(name, place)] == []


def reason_for(operation: str, place: str) -> str | None:
    """Why the local service doesn't send a field."""
    return next((reason for pattern, reason in NOT_SENT.items() if re.fullmatch(pattern, f"{operation} {place}")), None)


# What follows from hints.


@pytest.mark.parametrize("status", schema("BuildStatus")["enum"])
def test_final_status_ends_a_wait_and_no_other_does(service, status):
    service.reset()
    version = {"id": 201, "version": "0.0.1", "status": "not-ready", "lastBuildStatus": status, "imageName": "a"}
    service.control.fail_next(status=200, body=json.dumps(version), count=50, path=f"{PREFIX}/images/101/versions/201")
    with Session(base_url=service.url, auth_token=service.token) as session, get_client(session) as client:
        try:
            # Long only where it has to end: a busy machine must not end it first.
            seconds = 60 if status in schema("BuildStatus")["x-final"] else 0.2
            client.wait_until_built(101, 201, timeout=seconds, poll_interval=0.01)
            ended = True
        except BuildFailedError:
            ended = True
        except WaitTimeoutError:
            ended = False

    assert ended == (status in schema("BuildStatus")["x-final"])
    service.reset()


def secrets_in(node: Any) -> bool:
    node = resolve(node)
    inner = [*properties(node).values(), *union_members(node), *([node["items"]] if "items" in node else [])]
    return node.get("format") == "password" or any(secrets_in(one) for one in inner)


WITH_SECRETS = [one for one in OPERATIONS.values() if one.body and secrets_in(one.body["schema"])]


@pytest.mark.parametrize("operation", WITH_SECRETS, ids=[one.name for one in WITH_SECRETS])
def test_secrets_are_masked_wherever_values_are_shown(service, caplog, capsys, tmp_path, monkeypatch, operation):
    caplog.set_level("DEBUG")
    monkeypatch.setenv("PEAK_IMAGES_URL", service.url)
    monkeypatch.setenv("PEAK_AUTH_TOKEN", service.token)
    for body in bodies(operation):
        call(service, Image, operation, body)
        (tmp_path / "body.json").write_text(json.dumps({"body": body}))
        needed = [one for one in operation.parameters if one.get("required")]
        ids = {option(one): str(value_for(one["schema"], one["example"])) for one in needed}
        many = [part for name, value in ids.items() for part in (f"--{name}", value)]
        options = many if len(ids) > 1 else list(ids.values())
        with suppress(SystemExit):
            main([command(operation), *options, str(tmp_path / "body.json"), "--dry-run"])
    shown = capsys.readouterr()

    assert service.requests
    for text in (caplog.text, repr(service.requests), shown.out, shown.err):
        assert SECRET not in text
    assert "***" in shown.out


@pytest.fixture(scope="module")
def reference():
    """The members of the client that the page of the reference lists, as the site is built."""
    spec = importlib.util.spec_from_file_location("docs_build", ROOT / "scripts/build_docs.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    page = build.filled((ROOT / "docs/reference/client.md").read_text("utf-8"), "operations", build.operations_list())
    return re.findall(r"^        - (\w+)$", page.partition("::: peak_images.AsyncImage")[0], re.MULTILINE)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_operation_is_in_the_reference(reference, operation):
    assert reference.count(method_name(operation)) == 1
