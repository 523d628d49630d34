"""The client and the command line implement what the contract states.

Signatures, docstrings, help texts and requests on a socket are compared with it. A fact that is missing in a layer
fails the test that names the layer, the operation and the parameter, field or value.
"""

from __future__ import annotations

import inspect
import json
import re
import warnings
from contextlib import suppress
from typing import Any

import pytest

from peak_images import AsyncImage, Image, PeakImagesError, Session, get_client
from peak_images_cli.__main__ import main
from peak_images_local.testing import validate_request
from tests.contract.layers import (
    COMPOSITES,
    PREFIX,
    allowed,
    argument,
    arguments,
    bodies,
    call,
    command,
    method_name,
    option,
    sent_fields,
    snake_case,
    value_for,
)
from tests.contract_facts import contract_operations, properties, resolve, union_members

# What is deprecated warns, which a test of its own checks.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

OPERATIONS = [pytest.param(operation, id=operation.name) for operation in contract_operations()]
PARAMETERS = [
    pytest.param(operation, parameter, id=f"{operation.name}-{parameter['name']}")
    for operation in contract_operations()
    for parameter in operation.parameters
]
FIELDS = [
    pytest.param(operation, name, id=f"{operation.name}-{name}")
    for operation in contract_operations()
    for name, field in properties((operation.body or {}).get("schema", {})).items()
    # The artifact isn't a field of the body to users, and what only the service sets is none.
    if resolve(field).get("format") != "binary" and not resolve(field).get("readOnly")
]
FLAVOURS = [pytest.param(Image, id="sync"), pytest.param(AsyncImage, id="async")]


def entry_of(method: Any, name: str) -> str:
    """Return the text of an argument in a docstring."""
    match = re.search(rf"\n    {name}: (.*?)(?=\n    \w+: |\n\n\w)", inspect.getdoc(method) or "", re.DOTALL)
    assert match, f"{method.__qualname__} doesn't describe {name}"
    return match[1]


@pytest.mark.parametrize("kind", FLAVOURS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_operation_is_a_documented_method(kind, operation):
    method = getattr(kind, method_name(operation), None)
    assert method is not None, f"{kind.__name__} has no method {method_name(operation)}"
    described = inspect.getdoc(method) or ""
    tail = operation.path.partition("{buildId}/logs")[2] if operation.name in COMPOSITES else operation.path
    assert f"{tail}``" in described, f"{method.__qualname__} doesn't name its path"
    assert "deprecated" in described.lower() or not operation.described.get("deprecated")


@pytest.mark.parametrize("kind", FLAVOURS)
@pytest.mark.parametrize(("operation", "parameter"), PARAMETERS)
def test_parameter_is_an_argument_with_its_default_and_values(kind, operation, parameter):
    method = getattr(kind, method_name(operation))
    found = inspect.signature(method).parameters.get(argument(parameter))
    assert found is not None, f"{method.__qualname__} has no argument {argument(parameter)}"
    assert (found.kind is found.KEYWORD_ONLY) == (parameter["in"] in ("header", "cookie"))
    wanted = found.empty if parameter.get("required") else resolve(parameter["schema"]).get("default")
    assert found.default == wanted

    described = entry_of(method, argument(parameter))
    assert [value for value in allowed(parameter["schema"]) if f"``{value}``" not in described] == []
    assert "deprecated" in described.lower() or not parameter.get("deprecated")


@pytest.mark.parametrize("kind", FLAVOURS)
@pytest.mark.parametrize("operation", [one for one in OPERATIONS if "requestBody" not in one.values[0].described])
def test_arguments_are_in_the_order_of_the_contract(kind, operation):
    signature = inspect.signature(getattr(kind, method_name(operation)))
    names = [one.name for one in signature.parameters.values() if one.kind is one.POSITIONAL_OR_KEYWORD]
    places = {
        place: [argument(one) for one in operation.parameters if one["in"] == place] for place in ("path", "query")
    }
    if all(not one.get("required") for one in operation.parameters if one["in"] == "query") or not places["query"][1:]:
        wanted = [*places["path"], *places["query"]]
        assert [name for name in names if name in wanted] == wanted


@pytest.mark.parametrize("kind", FLAVOURS)
@pytest.mark.parametrize(("operation", "name"), FIELDS)
def test_field_of_a_body_is_described_with_its_values(kind, operation, name):
    described = inspect.getdoc(getattr(kind, method_name(operation))) or ""
    field = properties(operation.body["schema"])[name]
    inner = [each for member in union_members(field) for each in properties(member)]
    assert [one for one in (name, *inner) if f"``{one}``" not in described] == []
    assert [value for value in allowed(field) if f"``{value}``" not in described] == []


@pytest.mark.parametrize("kind", FLAVOURS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_everything_given_is_sent(service, exchanges, kind, operation):
    given = arguments(operation)
    for body in bodies(operation) if operation.body else [None]:
        exchanges.clear()
        call(service, kind, operation, body)
        assert exchanges, f"{method_name(operation)} sent nothing"
        exchange, path = exchanges[-1], PREFIX + operation.path
        for one in operation.parameters:
            path = path.replace(f"{{{one['name']}}}", str(as_text(given.get(argument(one)))))
        assert (exchange.method, exchange.url.path) == (operation.method, path)
        assert unsent(operation, exchange) == []
        if body is not None:
            validate_request(operation.name, body)
            assert sent_fields(exchange, body) == body


def unsent(operation, exchange) -> list[str]:
    """Return the parameters that a request doesn't have."""
    sent = {"query": exchange.url.params, "header": exchange.request_headers}
    listed = [one for one in operation.parameters if argument(one) in arguments(operation)]
    return [one["name"] for one in listed if one["in"] in sent and one["name"] not in sent[one["in"]]]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_defaults_are_sent_only_if_given(service, exchanges, operation):
    required = {argument(one) for one in operation.parameters if one.get("required")}
    call(service, Image, operation, bodies(operation)[0] if operation.body else None, only=required)
    sent = {name for name in exchanges[-1].url.params if name not in ("pageSize", "pageNumber")}
    in_headers = {one["name"] for one in operation.parameters if one["in"] == "header"}
    sent |= {name for name in in_headers if name in exchanges[-1].request_headers}

    assert sent == {one["name"] for one in operation.parameters if one.get("required") and one["in"] != "path"}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_deprecated_warns_and_nothing_else(service, operation):
    given = arguments(operation) | COMPOSITES.get(operation.name, {})
    with (
        Session(base_url=service.url, auth_token=service.token) as session,
        get_client(session) as client,
        warnings.catch_warnings(record=True) as caught,
        suppress(PeakImagesError),
    ):
        warnings.simplefilter("always")
        getattr(client, method_name(operation))(**given, **({"body": bodies(operation)[0]} if operation.body else {}))
    told = " ".join(str(one.message) for one in caught if one.category is DeprecationWarning)
    deprecated = [argument(one) for one in operation.parameters if one.get("deprecated")]
    deprecated += [method_name(operation)] if operation.described.get("deprecated") else []

    assert [name for name in deprecated if not re.search(rf"\b{name}\b", told)] == []
    assert bool(told) == bool(deprecated), told


@pytest.fixture
def run(capsys, monkeypatch, service):
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("PEAK_IMAGES_URL", service.url)
    monkeypatch.setenv("PEAK_AUTH_TOKEN", service.token)

    def running(*argv: Any) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main([str(one) for one in argv])
        except SystemExit as ended:
            code = ended.code
        captured = capsys.readouterr()
        return int(code or 0), captured.out, captured.err

    return running


@pytest.fixture
def help_of(run):
    def of(operation) -> str:
        if operation.name not in HELP:
            code, text, error = run(command(operation), "--help")
            assert code == 0, f"there is no command {command(operation)}: {error}"
            HELP[operation.name] = text
        return HELP[operation.name]

    return of


HELP: dict[str, str] = {}
"""The help of the commands that have been asked for it."""

EXAMPLES: dict[str, str] = {}
"""The example of the commands that have been asked for it."""


def option_in(text: str, name: str) -> str:
    """Return the help of an option."""
    match = re.search(rf"^ +(?:-\w, )?(?:--[\w-]+, )*--{name}\b(.*(?:\n {{10,}}.*)*)", text, re.MULTILINE)
    assert match, f"there is no option --{name} in:\n{text}"
    return match[1]


def is_positional(text: str, parameter: dict[str, Any]) -> bool:
    """Return whether a command takes a parameter of the path by its place: it does where there is only one."""
    return bool(re.search(rf"^ +{option(parameter).upper().replace('-', '_')}\b", text, re.MULTILINE))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_operation_is_a_command(help_of, operation):
    assert "deprecated" in help_of(operation).lower() or not operation.described.get("deprecated")


@pytest.mark.parametrize(("operation", "parameter"), PARAMETERS)
def test_parameter_is_an_option_with_its_default_and_values(help_of, operation, parameter):
    text, default = help_of(operation), resolve(parameter["schema"]).get("default")
    if parameter["in"] == "path" and is_positional(text, parameter):
        return
    described = option_in(text, option(parameter))
    assert [value for value in allowed(parameter["schema"]) if str(value) not in described] == []
    shown = default if isinstance(default, str) else json.dumps(default)
    assert default is None or f"(default: {shown})" in described
    assert "deprecated" in described.lower() or not parameter.get("deprecated")


@pytest.mark.parametrize(("operation", "name"), FIELDS)
def test_field_of_a_body_is_an_option_and_in_the_example(run, help_of, operation, name):
    text, field = help_of(operation), properties(operation.body["schema"])[name]
    if operation.name not in EXAMPLES:
        code, EXAMPLES[operation.name], error = run(command(operation), "--generate")
        assert code == 0, error
    example = EXAMPLES[operation.name]
    for inner in (name, *(each for member in union_members(field) for each in properties(member))):
        option_in(text, snake_case(inner).replace("_", "-"))
        assert f"{inner}:" in example, f"{command(operation)} --generate doesn't have {inner}"
    described = option_in(text, snake_case(name).replace("_", "-"))
    assert [value for value in resolve(field).get("enum", ()) if str(value) not in described] == []


def as_text(value: Any) -> Any:
    """Return a value of an option as users write it."""
    return json.dumps(value) if isinstance(value, (bool, dict)) else value


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if "requestBody" not in one.values[0].described])
def test_command_sends_its_options(run, help_of, exchanges, tmp_path, operation):
    text = help_of(operation)
    argv: list[Any] = [command(operation)]
    for one in operation.parameters:
        value = value_for(one["schema"], one.get("example"))
        values = value if isinstance(value, list) else [value]
        if one["in"] == "path" and is_positional(text, one):
            argv.append(value)
        elif isinstance(value, bool) and resolve(one["schema"]).get("type") == "boolean":
            argv.append(f"--{option(one)}" if value else f"--no-{option(one)}")
        else:
            argv += [part for each in values for part in (f"--{option(one)}", as_text(each))]
    if operation.method == "DELETE":
        argv.append("--yes")
    if COMPOSITES.get(operation.name):
        argv += ["--save", "--file-name", tmp_path / "build.log"]
    _, out, error = run(*argv)
    assert exchanges, f"peak-images {' '.join(map(str, argv))}: {out}{error}"
    assert exchanges[-1].method == operation.method
    assert unsent(operation, exchanges[-1]) == []
