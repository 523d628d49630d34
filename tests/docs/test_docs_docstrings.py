"""Every public name has a complete docstring, and its example runs against the local service."""

from __future__ import annotations

import ast
import asyncio
import doctest
import inspect
import sys
import types
from contextlib import redirect_stdout
from io import StringIO

import pytest
from griffe import Docstring, DocstringSectionKind, Parser

import peak_images
import peak_images_local
from peak.resources import images

ERRORS = [name for name in peak_images.__all__ if name.endswith(("Error", "Warning"))]
CLIENTS = ["Image", "AsyncImage"]
NO_EXAMPLE = {"close", "aclose", "session"}
"""Members of a client without a result to show."""


def described():
    """Yield all public classes, functions and methods, by their full names."""
    for package in (peak_images, peak_images_local):
        for name in package.__all__:
            thing = getattr(package, name)
            if isinstance(thing, (str, types.ModuleType)):
                continue
            yield f"{package.__name__}.{name}", thing
            if inspect.isclass(thing):
                for member, value in sorted(members(thing).items()):
                    yield f"{package.__name__}.{name}.{member}", value


def members(cls):
    """Return the public methods and properties of a class that are this project's own."""
    found = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("peak_images"):
            own = {name: value for name, value in vars(base).items() if not name.startswith("_")}
            found |= {
                name: getattr(value, "__func__", value)
                for name, value in own.items()
                if isinstance(value, (types.FunctionType, classmethod, staticmethod, property))
            }
    return found


THINGS = dict(described())
EXAMPLES = {name: thing for name, thing in THINGS.items() if ">>>" in (inspect.getdoc(thing) or "")}


def sections(thing):
    """Return the sections of a docstring in Google's style."""
    parsed = Docstring(inspect.getdoc(thing) or "").parse(Parser.google, warnings=False)
    return {section.kind: section.value for section in parsed}


@pytest.mark.parametrize("name", THINGS)
def test_docstring_has_a_summary(name):
    thing = THINGS[name]
    own = vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
    assert own, "no docstring of its own"
    first = inspect.cleandoc(own).splitlines()[0]
    assert first.endswith("."), first


@pytest.mark.parametrize("name", THINGS)
def test_docstring_describes_all_arguments(name):
    thing = THINGS[name]
    if inspect.isclass(thing) and (name.rpartition(".")[2] in ERRORS or issubclass(thing, (dict, tuple))):
        return  # made by the package, not by its users; the docstring has "Attributes"
    short = name.partition(".")[2]
    if isinstance(thing, property) or short in {"Control", "ServiceError"}:
        return
    wanted = [
        parameter.name
        for parameter in inspect.signature(thing).parameters.values()
        if parameter.name not in ("self", "cls") and not parameter.name.startswith("_")
    ]
    found = sections(thing)
    described_names = [argument.name for argument in found.get(DocstringSectionKind.parameters, ())]
    described_names += [attribute.name for attribute in found.get(DocstringSectionKind.attributes, ())]
    if inspect.isclass(thing) and not described_names:
        described_names = [
            argument.name for argument in sections(thing.__init__).get(DocstringSectionKind.parameters, ())
        ]
    assert sorted(described_names) == sorted(wanted)


@pytest.mark.parametrize("name", [f"{client}.{member}" for client in CLIENTS for member in members(peak_images.Image)])
def test_docstring_of_an_operation_has_returns_raises_and_example(name):
    cls, _, member = name.partition(".")
    if member in NO_EXAMPLE or not hasattr(getattr(peak_images, cls), member):
        return
    operation = getattr(getattr(peak_images, cls), member)
    found = sections(operation)
    if inspect.signature(operation).return_annotation not in ("None", None):
        assert DocstringSectionKind.returns in found
    assert DocstringSectionKind.raises in found
    raised = [error.annotation for error in found[DocstringSectionKind.raises]]
    assert {*raised} <= {*ERRORS}
    assert f"peak_images.{name}" in EXAMPLES


@pytest.mark.parametrize("name", ERRORS)
def test_docstring_of_an_error_describes_its_attributes(name):
    cls = getattr(peak_images, name)
    described_names = {
        attribute.name
        for base in cls.__mro__
        for attribute in sections(base).get(DocstringSectionKind.attributes, ())
        if base.__module__ == "peak_images.errors"
    }
    error = one_of(cls)
    assert {*vars(error)} - {"args"} == described_names


def one_of(cls):
    """Return an error of a class."""
    request = {"operation": "list_images", "method": "GET", "url": "http://127.0.0.1/"}
    if issubclass(cls, peak_images.ApiError):
        return cls("no", status_code=500, **request)
    if issubclass(cls, peak_images.TransportError):
        return cls("no", **request)
    for arguments, keywords in (
        (("no",), {}),
        (("a", "no"), {}),
        (("a", "no"), {"limit": 1, "largest": ()}),
        (("failed",), {"image_id": 1, "version_id": 1, "build_id": 1, "log": ()}),
        ((), {"image_id": 1, "version_ids": ()}),
    ):
        try:
            return cls(*arguments, **keywords)
        except TypeError:
            continue
    raise AssertionError(cls)


@pytest.fixture
def names(service, workdir, name):
    """Return the names that the examples use, with an image whose first version is being built."""
    client = images.get_client()
    if name.endswith("update_version"):
        # The version is still being built when the example updates it, however slow the machine is.
        service.control.next_build(seconds=1000)
    body = {"name": "an-image", "type": "workflow", "version": "0.0.1"}
    created = client.create_image(body, {"path": "image"})
    build = next(client.list_image_builds(created["imageId"]))
    yield {
        "images": images,
        "LocalService": peak_images_local.LocalService,
        "service": service,
        "client": client,
        "context": "image",
        "image_id": created["imageId"],
        "version_id": created["versionId"],
        "build_id": build["buildId"],
    }
    client.close()


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_of_a_docstring_runs(name, names, quick):
    if "Async" in name:
        names["client"].close()
        asyncio.run(run_in_loop(name, names))
    else:
        for example in parsed(name):
            step(example, names)


async def run_in_loop(name, names):
    async with images.get_async_client() as client:
        names["client"] = client
        for example in parsed(name):
            waiting = step(example, names, defer=True)
            if waiting is not None:
                await waiting


def parsed(name):
    return doctest.DocTestParser().get_examples(inspect.getdoc(THINGS[name]), name)


def step(example, names, *, defer=False):
    """Run one example, and compare its output if the docstring shows one."""
    code = compile(example.source, "<example>", "single", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    output = StringIO()
    run = types.FunctionType(code, names)

    def check():
        if example.want:
            got = output.getvalue()
            assert doctest.OutputChecker().check_output(example.want, got, doctest.ELLIPSIS), (example.want, got)

    with redirect_stdout(output):
        sys.displayhook(None)
        result = run()
    if not inspect.iscoroutine(result):
        check()
        return None
    assert defer, "await in an example of something synchronous"

    async def finish():
        with redirect_stdout(output):
            await result
        check()

    return finish()
