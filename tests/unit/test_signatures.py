"""The public signatures: those that are documented, the same in both backends."""

import inspect

import pytest

from peak_images import AsyncImage, Image, Session, get_async_client, get_client
from tests.contract_facts import contract, contract_operations

POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD
NEEDED = inspect.Parameter.empty

LIST_IMAGES = next(operation for operation in contract_operations() if operation.name == "list_images")
DEFAULTS = {one["name"]: one["schema"].get("default") for one in LIST_IMAGES.parameters}

FILTERS = {"status": None, "last_build_status": None, "tags": None}
PAGE = {"page_size": DEFAULTS["pageSize"], "page_number": DEFAULTS["pageNumber"]}
BODY = {"body": NEEDED, "artifact": None}

# A new major version of the contract may change what is documented for 1.x; the layers test holds all versions.
DOCUMENTED = {
    "list_images": PAGE | {"name": None, "status": None, "scope": None, "last_build_status": None, "tags": None},
    "list_image_versions": {"image_id": NEEDED} | PAGE | {"version": None} | FILTERS,
    "list_image_builds": {"image_id": NEEDED, "date_from": None, "date_to": None}
    | PAGE
    | {"count": -1, "version_ids": None, "build_status": None},
    "create_image": BODY,
    "create_version": {"image_id": NEEDED} | BODY,
    "update_version": {"image_id": NEEDED, "version_id": NEEDED} | BODY,
    "create_or_update_image_version": BODY,
    "describe_image": {"image_id": NEEDED},
    "describe_version": {"image_id": NEEDED, "version_id": NEEDED},
    "delete_image": {"image_id": NEEDED},
    "delete_version": {"image_id": NEEDED, "version_id": NEEDED},
    "delete_versions": {"image_id": NEEDED, "version_ids": NEEDED},
    "get_build_logs": {"image_id": NEEDED, "build_id": NEEDED, "next_token": None, "save": False, "file_name": None},
}
if contract()["info"]["version"].partition(".")[0] != "1":
    DOCUMENTED = {}
KEYWORDS = {name: {"return_iterator": True} for name in DOCUMENTED if name.startswith("list_")}


def public(kind):
    return {name: value for name, value in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


def parameters(function):
    return [parameter for name, parameter in inspect.signature(function).parameters.items() if name != "self"]


@pytest.mark.parametrize("kind", [Image, AsyncImage])
@pytest.mark.parametrize("operation", DOCUMENTED)
def test_operation_signature_has_the_documented_parameters(kind, operation):
    positional = [one for one in parameters(getattr(kind, operation)) if one.kind is POSITIONAL]

    # In order: what is documented can be given by position. What the contract adds follows.
    documented = DOCUMENTED[operation]
    assert [(one.name, one.default) for one in positional][: len(documented)] == list(documented.items())


@pytest.mark.parametrize("kind", [Image, AsyncImage])
@pytest.mark.parametrize("operation", DOCUMENTED)
def test_undocumented_parameters_are_keyword_only_with_defaults(kind, operation):
    others = {one.name: one for one in parameters(getattr(kind, operation)) if one.kind is not POSITIONAL}

    assert {one.kind for one in others.values()} <= {inspect.Parameter.KEYWORD_ONLY}
    assert NEEDED not in {one.default for one in others.values()}
    assert KEYWORDS.get(operation, {}).items() <= {name: one.default for name, one in others.items()}.items()


def test_sync_and_async_clients_have_the_same_operations():
    names = set(public(AsyncImage)) - {"aclose"}

    assert names == set(public(Image)) - {"close"}
    assert names >= set(DOCUMENTED)


@pytest.mark.parametrize("name", sorted(public(Image).keys() - {"close"}))
def test_sync_and_async_signatures_are_equal(name):
    sync, asynchronous = parameters(getattr(Image, name)), parameters(getattr(AsyncImage, name))

    assert [(one.name, one.kind, one.default, one.annotation) for one in sync] == [
        (one.name, one.kind, one.default, one.annotation) for one in asynchronous
    ]


@pytest.mark.parametrize("kind", [Image, AsyncImage])
@pytest.mark.parametrize("operation", DOCUMENTED)
def test_every_parameter_has_a_docstring(kind, operation):
    function = getattr(kind, operation)
    docstring = inspect.getdoc(function)

    assert [one.name for one in parameters(function) if f"\n    {one.name}: " not in docstring] == []
    assert "Example:" in docstring


@pytest.mark.parametrize("kind", [get_client, get_async_client])
def test_get_client_takes_an_optional_session(kind):
    assert [(one.name, one.kind, one.default) for one in parameters(kind)] == [("session", POSITIONAL, None)]


def test_session_takes_token_and_stage_by_position():
    first = [one for one in parameters(Session) if one.kind is POSITIONAL]

    assert [(one.name, one.default) for one in first] == [("auth_token", None), ("stage", None)]


@pytest.mark.parametrize("operation", DOCUMENTED)
def test_async_operations_are_coroutine_functions(operation):
    function = getattr(AsyncImage, operation)

    # The lists give an iterator or something to await, depending on return_iterator.
    assert inspect.iscoroutinefunction(function) != operation.startswith("list_")
    assert not inspect.iscoroutinefunction(getattr(Image, operation))
