"""The generated models: they take whatever a service may send, and give it back."""

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import yaml

from peak_images import Payload
from peak_images_api import models
from peak_images_api.types import UNSET

ROOT = Path(__file__).parents[2]
CONTRACT = yaml.safe_load((ROOT / "openapi/images.yaml").read_text(encoding="utf-8"))
DOCUMENTED = json.loads(Path(__file__).with_name("documented_responses.json").read_text(encoding="utf-8"))

VERSION = {"id": 201, "version": "0.0.1", "status": "ready"}
IMAGE = {"id": 101, "name": "an-image", "type": "workflow", "latestVersion": VERSION}


def instants(value):
    """Return the same with dates as points in time, so that two spellings of one are equal."""
    if isinstance(value, dict):
        return {key: instants(item) for key, item in value.items()}
    if isinstance(value, list):
        return [instants(item) for item in value]
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else value
    except ValueError:
        return value


def examples():
    """Return every example of the contract, with the name of its model."""
    found = [(name, example["value"]) for name, example in CONTRACT["components"]["examples"].items()]
    for name, response in CONTRACT["components"]["responses"].items():
        for kind in response.get("content", {}).values():
            model = kind["schema"]["$ref"].rpartition("/")[2]
            found += [pytest.param(model, one["value"], id=name) for one in kind["examples"].values() if "value" in one]
    return found


@pytest.mark.parametrize(("name", "example"), examples())
def test_contract_examples_round_trip_through_models(name, example):
    before = copy.deepcopy(example)
    model = getattr(models, name).from_dict(example)

    assert instants(model.to_dict()) == instants(before)
    assert example == before
    assert model.additional_properties == {}


@pytest.mark.parametrize(("name", "response"), DOCUMENTED.items())
def test_documented_responses_round_trip_through_models(name, response):
    payload = Payload(response, name)

    assert instants(payload.model.to_dict()) == instants(response)
    assert payload == response
    assert payload.model.additional_properties == {}


def test_nested_fields_of_a_model_are_typed():
    version = Payload(DOCUMENTED["Image"], "Image").model.latest_version

    assert version.status is models.ImageStatus.NOT_READY
    assert version.last_build_status is models.BuildStatus.BUILDING
    assert version.created_at == datetime(2023, 6, 1, 18, tzinfo=UTC)
    assert version.tags == [models.Tag("hello", "#000000")]
    assert version.build_details.source is models.BuildSource.GITHUB
    assert version.build_details.build_arguments[0].value == "example-env-value"


MALFORMED = {
    "an unknown field": ("Image", {**IMAGE, "owner": {"team": 7}}, lambda m: m["owner"] == {"team": 7}),
    "an unknown field deep inside": (
        "Image",
        {**IMAGE, "latestVersion": {**VERSION, "layers": 3}},
        lambda m: m.latest_version["layers"] == 3,
    ),
    "an unknown status": ("Version", {**VERSION, "status": "archived"}, lambda m: m.status == "archived"),
    "an unknown source": (
        "Version",
        {**VERSION, "buildDetails": {"source": "gitlab"}},
        lambda m: m.build_details.source == "gitlab",
    ),
    "a capital letter, as documented": (
        "VersionDetail",
        {**VERSION, "imageName": "a", "imageType": "Workflow"},
        lambda m: m.image_type == "Workflow",
    ),
    "delete_failed, as documented": ("Version", {**VERSION, "status": "delete_failed"}, lambda m: m.status != "ready"),
    "a missing field": ("Image", {"name": "an-image"}, lambda m: m.id is UNSET and m.latest_version is UNSET),
    "nothing at all": ("Image", {}, lambda m: m.name is UNSET),
    "null for text": ("Version", {**VERSION, "description": None}, lambda m: m.description is None),
    "null for a status": ("Version", {**VERSION, "status": None}, lambda m: m.status is None),
    "null for a date": ("Version", {**VERSION, "createdAt": None}, lambda m: m.created_at is None),
    "null for an object": ("Image", {**IMAGE, "latestVersion": None}, lambda m: m.latest_version is None),
    "null for a list": ("Version", {**VERSION, "tags": None}, lambda m: m.tags is None),
    "null in a list": ("Version", {**VERSION, "tags": [None]}, lambda m: m.tags == [None]),
    "a build that has not ended": (
        "Build",
        {"buildId": 1, "status": "building", "finishedAt": None},
        lambda m: m.finished_at is None,
    ),
    "a number as text": ("Image", {**IMAGE, "id": "101"}, lambda m: m.id == "101"),
    "text as a number": ("Version", {**VERSION, "version": 1}, lambda m: m.version == 1),
    "a text id of a build": ("ImageCreated", {"imageId": 1, "versionId": 2, "buildId": "b:2198"}, lambda m: m.build_id),
    "ids as text": ("VersionCreated", {"imageId": "1", "versionId": "2"}, lambda m: int(m.image_id) == 1),
    "no date in a date": ("Version", {**VERSION, "createdAt": "yesterday"}, lambda m: m.created_at == "yesterday"),
    "a number in a date": ("Version", {**VERSION, "createdAt": 1685642400}, lambda m: m.created_at == 1685642400),
    "an object for a list": ("Version", {**VERSION, "tags": {"a": 1}}, lambda m: m.tags),
    "text for an object": ("Image", {**IMAGE, "latestVersion": "0.0.1"}, lambda m: m.latest_version == "0.0.1"),
    "text for a list": ("ImagePage", {"images": "none"}, lambda m: m.images == "none"),
    "a date without a zone": ("Version", {**VERSION, "createdAt": "2023-06-01T18:00:00"}, lambda m: m.created_at.year),
    "a date with another zone": (
        "Version",
        {**VERSION, "createdAt": "2023-06-01T20:00:00+02:00"},
        lambda m: m.created_at == datetime(2023, 6, 1, 18, tzinfo=UTC),
    ),
    "a detail that is a list": ("Error", {"detail": [{"loc": ["body"]}]}, lambda m: m.detail == [{"loc": ["body"]}]),
    "something in an empty response": ("Deleting", {"message": "bye"}, lambda m: m["message"] == "bye"),
}


@pytest.mark.parametrize(("name", "response", "holds"), MALFORMED.values(), ids=MALFORMED.keys())
def test_undocumented_response_still_parses_and_round_trips(name, response, holds):
    before = copy.deepcopy(response)
    payload = Payload(response, name)

    assert holds(payload.model)
    assert instants(payload.model.to_dict()) == instants(before)
    assert payload == response == before
    assert repr(payload.model).startswith(f"{name}(")


@pytest.mark.parametrize(
    ("details", "kind"),
    [
        ({"source": "upload", "context": "."}, models.UploadBuild),
        ({"source": "dockerfile", "dockerfile": "FROM nginx"}, models.DockerfileBuild),
        ({"source": "github", "repository": "https://github.com/user/repo"}, models.GithubBuild),
        ({"source": "github", "repository": "r", "dockerfile": "FROM nginx", "other": 1}, models.GithubBuild),
    ],
)
@pytest.mark.parametrize("form", [models.ImageCreateForm, models.VersionCreateForm, models.VersionUpdateForm])
def test_build_details_union_is_discriminated_by_source(form, details, kind):
    made = form.from_dict({"name": "a", "type": "api", "buildDetails": details}).build_details

    assert type(made) is kind
    assert made.to_dict() == details


def test_build_details_without_source_are_the_update_model():
    made = models.VersionUpdateForm.from_dict({"buildDetails": {"useCache": False}})

    assert type(made.build_details) is models.BuildChange
    assert made.to_dict() == {"buildDetails": {"useCache": False}}


@pytest.mark.parametrize("details", [{"source": "gitlab", "project": 7}, {}, "upload", None])
def test_build_details_with_unknown_source_stay_a_dictionary(details):
    made = models.ImageCreateForm.from_dict({"name": "a", "type": "api", "buildDetails": details})

    assert made.to_dict()["buildDetails"] == details


@pytest.mark.parametrize(
    ("date", "text"),
    [
        (datetime(2023, 6, 1, 18, tzinfo=UTC), "2023-06-01T18:00:00.000Z"),
        (datetime(2023, 6, 1, 18, 0, 0, 123000, tzinfo=UTC), "2023-06-01T18:00:00.123Z"),
        (datetime(2023, 6, 1, 18, 0, 0, 123456, tzinfo=UTC), "2023-06-01T18:00:00.123456Z"),
        (datetime(2023, 6, 1, 20, tzinfo=timezone(timedelta(hours=2))), "2023-06-01T18:00:00.000Z"),
        (datetime(2023, 6, 1, 18), "2023-06-01T18:00:00"),  # noqa: DTZ001 - a service may send one
    ],
)
def test_datetime_is_serialized_in_the_documented_form(date, text):
    assert models.Version(id=1, version="1", status="ready", created_at=date).to_dict()["createdAt"] == text


def test_model_repr_shows_set_fields():
    version = models.Version.from_dict({**VERSION, "newField": 1})

    assert repr(version) == "Version(id=201, version='0.0.1', status=<ImageStatus.READY: 'ready'>, newField=1)"


def test_model_keeps_unknown_fields():
    tag = models.Tag.from_dict({"name": "a", "shade": "dark"})
    assert (tag["shade"], "shade" in tag, tag.additional_keys) == ("dark", True, ["shade"])
    tag["shade"] = "light"
    assert tag.to_dict() == {"name": "a", "shade": "light"}
    del tag["shade"]
    assert tag.to_dict() == {"name": "a"}


def test_equal_responses_have_equal_models():
    assert models.Image.from_dict(IMAGE) == models.Image.from_dict(copy.deepcopy(IMAGE))
    assert models.Image.from_dict(IMAGE) != models.Image.from_dict({**IMAGE, "id": 102})


def test_unset_is_falsy_and_has_a_repr():
    assert not UNSET
    assert repr(UNSET) == "UNSET"


@pytest.mark.parametrize(
    "name", ["ImageType", "ImageStatus", "BuildStatus", "ImageScope", "BuildSource", "AutodeployEntityType"]
)
def test_enum_has_the_contract_values_and_is_str(name):
    members = list(getattr(models, name))

    assert {member.value for member in members} == set(CONTRACT["components"]["schemas"][name]["enum"])
    assert [str(member) for member in members] == [member.value for member in members]


def test_repr_masks_secrets():
    details = models.BuildDetails.from_dict({"token": "a-token", "buildArguments": [{"name": "A", "value": "s3cret"}]})

    assert "a-token" not in repr(details)
    assert "s3cret" not in repr(details)
    assert "name='A'" in repr(details)
    assert details.to_dict()["token"] == "a-token"


def test_union_member_is_selected_by_required_fields():
    details = {"source": "github", "repository": "https://github.com/user/repo"}
    made = models.VersionUpdateForm.from_dict({"buildDetails": details}).build_details

    assert isinstance(made, models.GithubBuild)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_copied_model_is_equal_and_serializable(copied):
    form = models.ImageCreateForm(name="an-image", type_=models.ImageType.API)

    assert copied(form) == form
    assert copied(form).to_dict() == {"name": "an-image", "type": "api"}
