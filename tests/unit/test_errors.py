"""The tree of errors, and their messages."""

import builtins
import inspect
import pickle
import re

import pytest

from peak_images import errors

ARGUMENTS = {"operation": "create_image", "method": "POST", "url": "https://service.peak.ai/images/"}


def api_error(**changes):
    return errors.ApiError("taken", **ARGUMENTS, status_code=409, **changes)


def classes():
    found = [value for _, value in inspect.getmembers(errors, inspect.isclass)]
    return {
        kind.__name__: kind
        for kind in found
        if issubclass(kind, errors.PeakImagesError) and not kind.__name__.startswith("_")
    }


def drawn():
    """Yield the tree of the docstring: a class, its parent, and the builtin that it also is."""
    parents = []
    for line in errors.__doc__.splitlines():
        match = re.match(r"    (?P<lines>[│├└─ ]*)(?P<name>\w+Error)(?: +also (?P<builtin>\w+))?", line)
        if match:
            depth = len(match["lines"]) // 4
            del parents[depth:]
            yield match["name"], parents[-1] if parents else None, match["builtin"]
            parents.append(match["name"])


def test_error_tree_docstring_has_all_classes():
    assert sorted(name for name, _, _ in drawn()) == sorted(classes())


@pytest.mark.parametrize(("name", "parent", "builtin"), list(drawn()))
def test_error_tree_docstring_equals_the_inheritance(name, parent, builtin):
    public = [kind.__name__ for kind in classes()[name].__mro__[1:] if kind.__name__ in classes()]
    outside = {kind for kind in classes()[name].__bases__ if kind.__module__ == "builtins"}

    assert public[:1] == ([parent] if parent else [])
    assert outside - {Exception} == ({getattr(builtins, builtin)} if builtin else set())


def test_all_lists_every_error():
    assert set(errors.__all__) >= set(classes())


@pytest.mark.parametrize(
    ("name", "builtin"),
    [
        ("MissingTokenError", ValueError),
        ("ArtifactTooLargeError", ValueError),
        ("SaveError", OSError),
        ("ConnectionFailedError", ConnectionError),
        ("RequestTimeoutError", TimeoutError),
    ],
)
def test_errors_inherit_from_builtin_exceptions(name, builtin):
    assert issubclass(classes()[name], (builtin, errors.PeakImagesError))


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (400, "BadRequestError"),
        (401, "UnauthorizedError"),
        (403, "ForbiddenError"),
        (404, "NotFoundError"),
        (409, "ConflictError"),
        (413, "PayloadTooLargeError"),
        (422, "UnprocessableEntityError"),
        (429, "RateLimitedError"),
        (500, "ServerError"),
        (502, "ServerError"),
        (520, "ServerError"),
        (599, "ServerError"),
        (600, "ApiError"),
        (418, "ApiError"),
        (304, "ApiError"),
        (200, "ApiError"),
    ],
)
def test_status_code_has_its_error_class(status, name):
    assert errors.class_for_status(status).__name__ == name


def test_api_error_message_has_operation_status_and_detail():
    error = api_error(request_id="r-1", body={"detail": "taken"}, headers={"x-request-id": "r-1"})

    assert str(error) == "create_image: 409: taken [request id r-1]"
    assert (error.operation, error.method, error.url) == tuple(ARGUMENTS.values())
    assert (error.status_code, error.detail, error.body) == (409, "taken", {"detail": "taken"})
    assert (error.headers, error.request_id) == ({"x-request-id": "r-1"}, "r-1")
    assert (error.attempts, error.outcome_unknown) == (1, False)


def test_api_error_defaults_are_empty():
    error = api_error()

    assert (error.body, error.headers, error.request_id) == (None, {}, None)


def test_error_message_has_attempts_and_unknown_outcome():
    error = errors.ConnectionFailedError("no complete response: reset", **ARGUMENTS)
    error.attempts, error.outcome_unknown = 3, True

    assert str(error) == (
        "create_image: no complete response: reset (after 3 attempts); "
        "the request may have succeeded; check before retrying"
    )


@pytest.mark.parametrize(("allowed", "ending"), [(None, "no"), ([1, "two"], "no; allowed: 1, two")])
def test_invalid_input_error_has_field_and_allowed_values(allowed, ending):
    error = errors.InvalidInputError("body.type", "no", 7, iter(allowed) if allowed is not None else None)

    assert str(error) == f"body.type: {ending}"
    assert (error.field, error.value) == ("body.type", 7)
    assert error.allowed == (None if allowed is None else tuple(allowed))


def test_artifact_too_large_error_has_the_largest_files():
    error = errors.ArtifactTooLargeError("image", "too large", limit=10, largest=[("a", 9), ("b", 8)])

    assert (error.path, error.limit, error.largest) == ("image", 10, (("a", 9), ("b", 8)))
    assert (error.field, str(error)) == ("artifact.path", "artifact.path: too large")


def test_save_error_names_the_file():
    error = errors.SaveError("a.log", "is a directory")

    assert (str(error), error.path) == ("a.log: is a directory", "a.log")


def test_build_failed_error_has_the_last_log_lines():
    error = errors.BuildFailedError("failed", image_id=1, version_id=2, build_id=3, log=iter(["one", "two"]))

    assert str(error) == "the build of version 2 of image 1 failed\n  one\n  two"
    assert error.log == ("one", "two")


def test_build_failed_error_names_image_and_version():
    error = errors.BuildFailedError("stopped", image_id=1, version_id=2, build_id=3, log=[], name="tides:0.0.1")

    assert str(error) == "the build of tides:0.0.1 was stopped (version 2 of image 1)"


def test_build_failed_error_with_unknown_status():
    error = errors.BuildFailedError("expired", image_id=1, version_id=2, build_id=None, log=[])

    assert str(error) == "the build of version 2 of image 1 expired"


def test_deletion_failed_error_names_the_versions():
    error = errors.DeletionFailedError(image_id=1, version_ids=[2, 3])

    assert str(error) == "image 1: the deletion of these versions failed: 2, 3"


@pytest.mark.parametrize(("value", "text"), [("a", "'a'"), ([1], "[1]"), ("x" * 500, "'" + "x" * 118 + "…")])
def test_value_is_quoted_and_truncated(value, text):
    assert errors.quoted(value) == text


ALL = [
    errors.InvalidInputError("body.type", "no", 7, [1]),
    errors.ArtifactError("image", "no"),
    errors.ArtifactTooLargeError("image", "no", limit=1, largest=[]),
    errors.SaveError("a.log", "no"),
    errors.ConnectionFailedError("no", **ARGUMENTS),
    errors.RequestTimeoutError("no", **ARGUMENTS),
    api_error(request_id="r-1"),
    errors.BuildFailedError("failed", image_id=1, version_id=2, build_id=3, log=["one"]),
    errors.DeletionFailedError(image_id=1, version_ids=[2]),
    errors.MissingTokenError("no"),
]


@pytest.mark.parametrize("error", ALL, ids=lambda error: type(error).__name__)
def test_error_can_be_pickled(error):
    other = pickle.loads(pickle.dumps(error))

    assert (type(other), str(other), vars(other)) == (type(error), str(error), vars(error))
