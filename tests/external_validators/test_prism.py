"""Prism, an independent mock server, serves the contract and rejects every request that violates it.

It validates the content type of a multipart form but, as of 5.14, not its fields. The integration tests validate
those.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from peak.resources import images

PRISM = "@stoplight/prism-cli@5.14.2"
ROOT = Path(__file__).resolve().parent.parent.parent
ARTIFACT = {"path": ROOT / "examples/image"}
PREFIX = "/image-management/api/v2"

pytestmark = [
    pytest.mark.skipif(shutil.which("npx") is None, reason="Prism runs on Node.js, which is not here"),
    pytest.mark.timeout(300),
]


class LogHost(BaseHTTPRequestHandler):
    """Where the log is downloaded from."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"a log\n")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def log_url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), LogHost) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/301.log"
        server.shutdown()


@pytest.fixture(scope="module")
def contract(log_url: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "openapi/images.yaml").read_text(encoding="utf-8"))
    loaded["components"]["examples"]["BuildLogsDownload"]["value"]["downloadUrl"] = log_url
    return loaded


@pytest.fixture(scope="module")
def service(contract: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    # Prism doesn't look at the path of a server's address, so the paths get it.
    served = {**contract, "paths": {PREFIX + path: item for path, item in contract["paths"].items()}}
    path = tmp_path_factory.mktemp("prism") / "images.yaml"
    path.write_text(yaml.safe_dump(served), encoding="utf-8")
    command = [str(shutil.which("npx")), "--yes", PRISM, "mock", "--errors", "--port", "0", str(path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, process_group=0
    ) as process:
        assert process.stdout is not None
        addresses = (re.search(r"listening on (http://[\w.:]+)", line) for line in process.stdout)
        address = next(filter(None, addresses), None)
        try:
            assert address is not None, "Prism didn't start"
            yield address[1]
        finally:
            subprocess.run(["kill", "--", f"-{process.pid}"], check=False)


@pytest.fixture
def client(service: str) -> Iterator[images.Image]:
    with images.Session(base_url=service, auth_token="a-token") as session:
        yield images.get_client(session)


DETAILS = {"buildArguments": [{"name": "A", "value": "b"}], "secrets": ["S"], "useCache": False}
DOCKERFILE = {"source": "dockerfile", "dockerfile": "FROM nginx", **DETAILS}
GITHUB = {"source": "github", "repository": "https://github.com/username/repository", "branch": "main", **DETAILS}
RESOURCES = [{"entityId": "1", "entityType": "api"}, {"entityId": "2", "entityType": "webapp"}]

CALLS: list[tuple[str, Callable[[images.Image], Any]]] = [
    ("list_images", lambda client: client.list_images(return_iterator=False)),
    (
        "list_images",
        lambda client: client.list_images(
            50, 2, "name", ["ready", "in-use"], ["custom"], ["failed"], ["a tag"], return_iterator=False
        ),
    ),
    ("list_image_versions", lambda client: client.list_image_versions(101, return_iterator=False)),
    (
        "list_image_versions",
        lambda client: client.list_image_versions(
            101, 50, 2, "0.0.1", ["ready"], ["failed", "success"], ["one", "two"], return_iterator=False
        ),
    ),
    ("list_image_builds", lambda client: client.list_image_builds(101, return_iterator=False)),
    (
        "list_image_builds",
        lambda client: client.list_image_builds(
            101, "2023-06-01", "2023-06-30T12:00:00Z", 50, 2, 10, [201, 202], ["success"], return_iterator=False
        ),
    ),
    ("describe_image", lambda client: client.describe_image(101)),
    ("describe_version", lambda client: client.describe_version(101, 201)),
    (
        "create_image",
        lambda client: client.create_image({"name": "n", "type": "api", "buildDetails": DETAILS}, ARTIFACT),
    ),
    ("create_image", lambda client: client.create_image({"name": "n", "type": "webapp", "buildDetails": GITHUB})),
    ("create_version", lambda client: client.create_version(101, {"version": "0.0.2"}, ARTIFACT)),
    (
        "create_version",
        lambda client: client.create_version(101, {"buildDetails": DOCKERFILE, "autodeployResources": RESOURCES}),
    ),
    ("update_version", lambda client: client.update_version(101, 201, {"description": "Only text"})),
    ("update_version", lambda client: client.update_version(101, 201, {"buildDetails": DETAILS}, ARTIFACT)),
    (
        "update_version",
        lambda client: client.update_version(101, 201, {"buildDetails": GITHUB, "autodeployResources": RESOURCES}),
    ),
    (
        "update_version",
        lambda client: client.create_or_update_image_version(
            {"name": "awesome-image", "type": "workflow", "version": "0.0.1-python3.12", "buildDetails": DOCKERFILE}
        ),
    ),
    ("get_build_logs", lambda client: client.get_build_logs(101, 301)),
    ("get_build_logs", lambda client: client.get_build_logs(101, 301, next_token="f/1/s")),
    ("delete_image", lambda client: client.delete_image(101)),
    ("delete_version", lambda client: client.delete_version(101, 201)),
    ("delete_versions", lambda client: client.delete_versions(101, [201, 202])),
]


def example_of(contract: dict[str, Any], operation: str) -> Any:
    """Return the contract's example of a successful response."""

    def resolve(node: dict[str, Any]) -> Any:
        target: Any = contract
        for step in node.get("$ref", "#").split("/")[1:]:
            target = target[step]
        return target if "$ref" in node else node

    methods = [method for item in contract["paths"].values() for method in item.values() if isinstance(method, dict)]
    answer = resolve(next(found for found in methods if found.get("operationId") == operation)["responses"]["200"])
    (example,) = answer["content"]["application/json"]["examples"].values()
    return resolve(example)["value"]


@pytest.mark.parametrize(("operation", "call"), CALLS, ids=[operation for operation, _ in CALLS])
def test_call_is_accepted_and_gets_the_contracts_example(
    client: images.Image, contract: dict[str, Any], operation: str, call: Callable[[images.Image], Any]
) -> None:
    assert call(client) == example_of(contract, operation)


def test_a_log_is_saved(client: images.Image, contract: dict[str, Any], tmp_path: Path) -> None:
    saved = client.get_build_logs(101, 301, save=True, file_name=tmp_path / "build.log")
    assert saved == example_of(contract, "get_build_logs_download")
    assert saved.path.read_bytes() == b"a log\n"


@pytest.mark.parametrize(
    "elements",
    [
        lambda client: client.list_images(),
        lambda client: client.list_image_versions(101),
        lambda client: client.list_image_builds(101),
    ],
    ids=["images", "versions", "builds"],
)
def test_an_iterator_goes_over_the_page(client: images.Image, elements: Callable[[images.Image], Any]) -> None:
    assert len(list(elements(client))) == 1


@pytest.mark.parametrize(
    ("method", "path", "request_"),
    [
        ("GET", "/images/", {"params": {"pageSize": "many"}}),
        ("POST", "/images/", {"data": {"name": "n", "type": "api"}}),
        ("DELETE", "/images/101/versions", {}),
    ],
)
def test_prism_refuses_what_breaks_the_contract(service: str, method: str, path: str, request_: Any) -> None:
    refused = httpx.request(method, service + PREFIX + path, headers={"Authorization": "a-token"}, **request_)
    assert refused.status_code == 422
