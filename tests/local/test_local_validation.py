"""The validators of requests and responses, for users' own mocks."""

import types

import pytest

from peak_images_local.testing import ContractViolationError, validate_request, validate_response

IMAGE = {"name": "weather", "type": "api"}
VERSION = {"id": 201, "version": "0.0.1", "status": "ready"}
DESCRIBED = {"id": 101, "name": "weather", "type": "api", "latestVersion": VERSION}


def problems(validate, *arguments):
    with pytest.raises(ContractViolationError) as caught:
        validate(*arguments)
    assert isinstance(caught.value, AssertionError)
    assert str(caught.value).splitlines() == [f"{arguments[0]}: {one}" for one in caught.value.problems]
    return caught.value.problems


@pytest.mark.parametrize(
    ("operation", "body", "parameters"),
    [
        ("create_image", IMAGE, None),
        ("create_image", {**IMAGE, "buildDetails": {"useCache": False}}, {}),
        ("create_image", {**IMAGE, "buildDetails": {"source": "dockerfile", "dockerfile": "FROM a"}}, None),
        ("create_image", types.MappingProxyType({**IMAGE, "buildDetails": {"buildArguments": ()}}), None),
        ("create_version", {}, {"imageId": 101}),
        ("update_version", {"buildDetails": {"useCache": False}}, {"imageId": 101, "versionId": 201}),
        ("list_images", None, {"pageSize": 5, "status": ["ready", "in-use"], "searchTerm": "a"}),
        ("delete_versions", None, {"imageId": 101, "versionIds": [201]}),
        ("get_build_logs", None, {"imageId": 101, "buildId": "image-build:7"}),
    ],
)
def test_valid_request_passes(operation, body, parameters):
    validate_request(operation, body, parameters)


@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        ("create_image", None, "body: missing; it is required"),
        ("create_image", {"name": "weather"}, "type: missing; it is one of workflow, "),
        ("create_image", {**IMAGE, "type": "spaceship"}, 'type: "spaceship" is not one of workflow, '),
        ("create_image", {**IMAGE, "name": 7}, "name: 7 is not a string"),
        ("create_image", {**IMAGE, "nmae": "x"}, "nmae: the contract doesn't declare it; did you mean name?"),
        ("create_image", {**IMAGE, "buildDetails": {"usecache": False}},
         "buildDetails.usecache: the contract doesn't declare it; did you mean useCache?"),
        ("create_image", {**IMAGE, "buildDetails": {"source": "git"}}, 'buildDetails.source: "git" is not one of '),
        ("create_image", {**IMAGE, "buildDetails": {"source": "github", "repository": "r", "dockerfile": "FROM a"}},
         "buildDetails.dockerfile: the contract doesn't declare it"),
        ("create_image", {**IMAGE, "buildDetails": {"buildArguments": [{"name": "A", "value": "b", "vlaue": 1}]}},
         "buildDetails.buildArguments[0].vlaue: the contract doesn't declare it; did you mean value?"),
        ("update_version", {"buildDetails": {"brnch": "main"}}, "buildDetails.brnch: the contract doesn't declare it"),
        ("create_version", {"autodeployResources": [{"entityId": "1"}]}, "autodeployResources.0.entityType: missing"),
        ("delete_image", {}, "takes no body"),
    ],
)  # fmt: skip
def test_invalid_body_names_field_value_and_what_is_allowed(operation, body, message):
    assert any(problem.startswith(message) for problem in problems(validate_request, operation, body))


@pytest.mark.parametrize(
    ("operation", "parameters", "message"),
    [
        ("list_images", {"pageSize": 0}, "pageSize: 0 is less than 1"),
        ("list_images", {"pageSize": "many"}, 'pageSize: "many" is not an integer'),
        ("list_images", {"status": ["redy"]}, 'status.0: "redy" is not one of not-ready, ready'),
        ("list_images", {"page_size": 5}, "page_size: the contract doesn't declare it; did you mean pageSize?"),
        ("delete_versions", {"imageId": 101}, "versionIds: missing; it is required"),
        ("describe_image", {}, "imageId: missing; it is required"),
    ],
)
def test_invalid_parameter_names_value_and_what_is_allowed(operation, parameters, message):
    assert any(problem.startswith(message) for problem in problems(validate_request, operation, None, parameters))


@pytest.mark.parametrize(
    ("operation", "status", "body"),
    [
        ("describe_image", 200, DESCRIBED),
        ("describe_image", 200, {**DESCRIBED, "type": "a-later-type"}),
        ("describe_image", 404, {"detail": "There is no image with id 101"}),
        ("delete_image", 200, {}),
        ("delete_image", 204, None),
        ("describe_version", 200, {**VERSION, "imageName": "weather"}),
    ],
)
def test_valid_response_passes(operation, status, body):
    validate_response(operation, status, body)


@pytest.mark.parametrize(
    ("operation", "status", "body", "message"),
    [
        ("describe_image", 200, {"id": 101}, "name: missing; it is required"),
        ("describe_image", 200, {**DESCRIBED, "id": "x"}, 'id: "x" is not an integer'),
        ("describe_image", 200, None, "The body: null is not an object"),
        ("describe_image", 200, {**DESCRIBED, "latestVersion": {**VERSION, "statsu": "ready"}},
         "latestVersion.statsu: the contract doesn't declare it; did you mean status?"),
        ("list_images", 200, {"images": [], "total": 0}, "total: the contract doesn't declare it"),
        ("describe_version", 200, {**VERSION, "imageName": "a", "imageTyp": "api"}, "imageTyp: the contract doesn't"),
        ("delete_image", 204, {}, "a response with status 204 has no body"),
        ("delete_image", 418, None, "status 418 is not one of 200, 204, 400"),
    ],
)  # fmt: skip
def test_invalid_response_names_field_value_and_what_is_allowed(operation, status, body, message):
    assert any(problem.startswith(message) for problem in problems(validate_response, operation, status, body))


@pytest.mark.parametrize(("validate", "arguments"), [(validate_request, ()), (validate_response, (200,))])
def test_unknown_operation_is_an_error_that_lists_the_known_ones(validate, arguments):
    with pytest.raises(LookupError, match=r"no operation make_image; it has list_images, create_image"):
        validate("make_image", *arguments)


@pytest.mark.parametrize(
    "arguments",
    [["A=hunter2"], {"A": "hunter2"}, "A=hunter2", [{"name": "A", "Value": "hunter2"}], [["A", "hunter2"]]],
)
def test_secret_that_is_given_in_a_wrong_form_is_masked(api, arguments):
    details = {"source": "dockerfile", "dockerfile": "FROM scratch", "buildArguments": arguments}
    response = api.create_image(buildDetails=details)

    assert response.status_code == 422
    assert "buildArguments" in response.text
    assert "hunter2" not in response.text + repr(api.service.requests)


def test_secret_value_is_masked_in_the_message():
    body = {**IMAGE, "buildDetails": {"buildArguments": [{"name": "PASSWORD", "value": 1234567}]}}

    assert "1234567" not in str(problems(validate_request, "create_image", body))
