"""Beside Peak's own SDK: its ``except`` clauses catch this package's errors."""

import pickle
import subprocess
import sys
from types import ModuleType

import pytest

import peak_images as images
from peak_images import errors

ARGUMENTS = {"operation": "create_image", "method": "POST", "url": ""}


class SdkClient(Exception):  # noqa: N818 - as theirs are named
    """Stands for the SDK's base of all errors, whose form is its own."""

    def __init__(self, message=""):
        self.message = message
        super().__init__(message)

    def __str__(self):
        return "theirs"


@pytest.fixture
def sdk(monkeypatch):
    """Stands for the SDK's ``peak.exceptions``."""
    module = ModuleType("peak.exceptions")
    module.PeakBaseException = SdkClient
    module.BaseHttpException = type("BaseHttpException", (SdkClient,), {})
    module.ConflictException = type("ConflictException", (module.BaseHttpException,), {})
    monkeypatch.setitem(sys.modules, "peak.exceptions", module)
    return module


def conflict():
    return errors.class_for_status(409)("taken", **ARGUMENTS, status_code=409, request_id="r-1")


def test_error_is_also_the_sdk_exception(sdk):
    error = conflict()

    assert isinstance(error, (errors.ConflictError, errors.ApiError))
    assert isinstance(error, sdk.ConflictException)
    assert type(error).__name__ == "ConflictError"


def test_error_without_sdk_counterpart_uses_that_of_its_base(sdk):
    assert isinstance(errors.ApiError("odd", **ARGUMENTS, status_code=418), sdk.BaseHttpException)
    assert isinstance(errors.SaveError("a.log", "is a directory"), sdk.PeakBaseException)


def test_error_message_is_the_same_beside_the_sdk(sdk):
    error = conflict()

    assert str(error) == "create_image: 409: taken [request id r-1]"
    assert (error.status_code, error.detail, error.attempts) == (409, "taken", 1)


def test_error_can_be_pickled_beside_the_sdk(sdk):
    other = pickle.loads(pickle.dumps(conflict()))

    assert isinstance(other, (errors.ConflictError, sdk.ConflictException))
    assert str(other) == str(conflict())


def test_except_clause_for_an_sdk_exception_catches_the_error(sdk):
    with pytest.raises(sdk.BaseHttpException):
        raise conflict()


def test_error_that_already_inherits_from_the_sdk_is_unchanged(sdk):
    kind = type(conflict())

    assert type(kind("taken", **ARGUMENTS, status_code=409)) is kind


def test_error_without_the_sdk_has_no_sdk_base():
    assert type(conflict()) is errors.ConflictError


def test_errors_do_not_import_the_sdk():
    script = "import sys; from peak_images import ApiError; print('peak.exceptions' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


def test_clients_have_the_path_of_the_api_as_in_the_sdk():
    for kind in (images.Image, images.AsyncImage):
        assert kind.BASE_ENDPOINT_V2 == "image-management/api/v2"
