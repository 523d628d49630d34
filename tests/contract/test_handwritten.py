"""Names that handwritten code and the contract must agree on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from contract_document import ContractError
from contract_normal import normalize
from handwritten import check_names, find_misfits, find_stale_fields, find_stale_operations, find_unhandled
from render_operations import describe_operations

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def contract() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "openapi/images.yaml").read_text(encoding="utf-8"))
    return found


def test_contract_and_handwritten_code_agree(contract: dict[str, Any]) -> None:
    check_names(contract, ROOT)
    assert find_stale_operations(contract, contract, ROOT) == []
    assert find_stale_fields(contract, contract, ROOT) == []
    assert find_misfits(describe_operations(normalize(contract)), ROOT) == []
    assert find_unhandled(contract, ROOT) == []


@pytest.mark.parametrize(
    ("hints", "problem"),
    [
        ({"operationId": "wait_until_built"}, "the client has a handwritten method wait_until_built"),
        ({"operationId": "close"}, "the client has a handwritten method close"),
        ({"operationId": "find_it", "x-python-name": "find_image"}, "the client has a handwritten method find_image"),
        ({"operationId": "start", "x-cli-name": "deploy"}, "the command line has a handwritten command deploy"),
    ],
)
def test_operation_named_as_handwritten_code_is_an_error(
    contract: dict[str, Any], hints: dict[str, str], problem: str
) -> None:
    contract["paths"]["/things"] = {"get": hints}
    with pytest.raises(ContractError, match=problem) as caught:
        check_names(contract, ROOT)
    assert caught.value.path == ("paths", "/things", "get")


def test_states_that_code_waits_for_must_be_final_in_the_contract(contract: dict[str, Any]) -> None:
    del contract["components"]["schemas"]["BuildStatus"]["x-final"]
    with pytest.raises(ContractError, match=r"x-final is required: wrapper/peak_images/_async/log_stream.py:\d+ waits"):
        check_names(contract, ROOT)


def test_code_that_names_a_removed_operation_is_found(contract: dict[str, Any]) -> None:
    released = yaml.safe_load(yaml.safe_dump(contract))
    del contract["paths"]["/images/{imageId}/versions/{versionId}"]["get"]
    found = find_stale_operations(released, contract, ROOT)

    assert all(line.endswith(": describe_version is no longer in the contract") for line in found)
    files = {line.partition(":")[0] for line in found}
    assert {"wrapper/peak_images/_async/waiters.py", "local/peak_images_local/handlers/__init__.py"} <= files


def test_code_that_names_a_removed_field_is_found(contract: dict[str, Any]) -> None:
    released = yaml.safe_load(yaml.safe_dump(contract))
    del contract["components"]["schemas"]["Build"]["properties"]["startedAt"]
    found = find_stale_fields(released, contract, ROOT)

    assert found
    assert find_stale_operations(released, contract, ROOT) == []
    assert all("startedAt is no longer in the contract" in line for line in found)


def test_call_without_a_new_required_parameter_is_found(contract: dict[str, Any]) -> None:
    parameter = {"name": "X-Team", "in": "header", "required": True, "schema": {"type": "string"}}
    contract["paths"]["/images/"]["get"]["parameters"].append(parameter)
    found = find_misfits(describe_operations(normalize(contract)), ROOT)

    assert found
    assert all(line.endswith(": list_images now requires x_team") for line in found)


def test_call_with_an_argument_that_is_gone_is_found(contract: dict[str, Any]) -> None:
    contract["components"]["parameters"]["PageSize"]["name"] = "limit"
    found = find_misfits(describe_operations(normalize(contract)), ROOT)

    assert found
    assert all(line.endswith(" has no argument page_size") for line in found)


def test_address_that_the_client_does_not_have_is_an_error(contract: dict[str, Any]) -> None:
    contract["servers"][1]["variables"]["stage"]["enum"].append("gamma")
    with pytest.raises(ContractError, match=r"not \"https://service\.gamma\.peak\.ai") as caught:
        check_names(contract, ROOT)
    assert caught.value.path == ("servers", 1)


@pytest.mark.parametrize("url", ["http://localhost:8080", "http://127.0.0.1/api/v2", "https://[::1]:8443/"])
def test_server_on_this_machine_needs_no_address_in_the_client(contract: dict[str, Any], url: str) -> None:
    contract["servers"].append({"url": url})
    check_names(contract, ROOT)


def test_operation_without_a_handler_is_found(contract: dict[str, Any]) -> None:
    contract["paths"]["/things"] = {"get": {"operationId": "list_things"}}
    assert find_unhandled(contract, ROOT) == ["list_things"]
