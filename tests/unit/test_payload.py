"""Payloads: dictionaries exactly as the service sent them; ``.model`` is the typed view."""

import copy
import dataclasses
import json
import pickle
from pathlib import Path

import pytest

from peak_images import Payload, PeakImagesError, SavedLog
from peak_images._payload import require

FIELDS = {
    "id": 101,
    "name": "an-image",
    "type": "workflow",
    "createdAt": "2024-06-01T18:00:00.000Z",
    "latestVersion": {"id": 201, "version": "0.0.1", "status": "ready", "tags": [{"name": "red"}]},
    "newField": {"kept": True},
}


def through_a_pickle(value):
    return pickle.loads(pickle.dumps(value))


@pytest.fixture
def payload():
    return Payload(FIELDS, "Image")


@pytest.fixture
def saved():
    return SavedLog({"downloadUrl": "https://logs.example.com/1.log"}, "BuildLogsDownload", Path("a.log"), 7)


def test_payload_is_a_dict(payload):
    assert isinstance(payload, dict)
    assert payload == FIELDS
    assert {**payload} == FIELDS
    assert json.loads(json.dumps(payload)) == FIELDS
    assert repr(payload) == repr(FIELDS)


def test_payload_in_a_dataclass_is_copied_by_asdict(payload):
    report = dataclasses.make_dataclass("Report", ["images", "page"])
    copied = dataclasses.asdict(report([payload], Payload({"images": [payload]}, "ImagePage")))
    assert copied == {"images": [FIELDS], "page": {"images": [FIELDS]}}


def test_payload_model_is_typed(payload):
    from peak_images_api import models

    assert isinstance(payload.model, models.Image)
    assert payload.model.latest_version.status is models.ImageStatus.READY
    assert payload.model.created_at.isoformat() == "2024-06-01T18:00:00+00:00"
    assert payload.model["newField"] == {"kept": True}


def test_payload_model_does_not_change_the_dict(payload):
    before = copy.deepcopy(dict(payload))
    assert payload.model.latest_version.tags[0].name == "red"
    assert payload == before


def test_payload_model_is_parsed_lazily_and_once(payload, monkeypatch):
    from peak_images_api import models

    parsed = []
    monkeypatch.setattr(models.Image, "from_dict", lambda fields: parsed.append(fields) or object())
    assert parsed == []
    assert payload.model is payload.model
    assert parsed == [FIELDS]


@pytest.mark.parametrize("parsed_before", [True, False])
@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, through_a_pickle])
def test_copy_and_pickle_of_a_payload_is_a_payload(payload, twin, parsed_before):
    if parsed_before:
        assert payload.model
    other = twin(payload)

    assert type(other) is Payload
    assert other == payload
    assert other.model == payload.model


def test_copy_of_a_payload_is_independent(payload):
    other = copy.deepcopy(payload)
    other["latestVersion"]["status"] = "deleting"

    assert payload["latestVersion"]["status"] == "ready"


def test_payload_does_not_share_its_source_dict():
    fields = dict(FIELDS)
    Payload(fields, "Image")["name"] = "another"

    assert fields == FIELDS


def test_missing_required_response_field_raises_and_is_named(payload):
    assert require(payload, "id") == 101
    with pytest.raises(PeakImagesError, match="the service's response has no nextToken"):
        require(payload, "nextToken")


def test_payload_has_no_other_attributes(payload):
    with pytest.raises(AttributeError):
        payload.models = 1


def test_saved_log_has_path_and_size(saved):
    assert saved == {"downloadUrl": "https://logs.example.com/1.log"}
    assert (saved.path, saved.size) == (Path("a.log"), 7)
    assert saved.model.download_url == saved["downloadUrl"]


def test_saved_log_repr_redacts_the_signed_url(saved):
    assert repr(saved) == str(saved) == "SavedLog(path='a.log', size=7 bytes)"
    html = saved._repr_html_()
    assert ">path</td>" in html
    assert ">a.log</td>" in html
    assert ">7 bytes</td>" in html
    assert "logs.example.com" not in html


@pytest.mark.parametrize("twin", [copy.deepcopy, through_a_pickle])
def test_copy_of_a_saved_log_keeps_path_and_size(saved, twin):
    other = twin(saved)

    assert type(other) is SavedLog
    assert (other, other.path, other.size) == (saved, Path("a.log"), 7)


def test_repr_and_html_mask_secrets_and_the_dictionary_has_them():
    arguments = [{"name": "KEY", "value": "s3cret"}]
    payload = Payload({"id": 1, "buildDetails": {"buildArguments": arguments}}, "Version")

    assert "s3cret" not in repr(payload)
    assert "s3cret" not in f"{payload}"
    assert "s3cret" not in payload._repr_html_()
    assert repr(payload) == "{'id': 1, 'buildDetails': {'buildArguments': [{'name': 'KEY', 'value': '***'}]}}"
    assert payload["buildDetails"]["buildArguments"] == arguments


@pytest.mark.parametrize(
    "details",
    [
        {"buildArguments": "s3cret"},
        {"buildArguments": ["s3cret"]},
        {"buildArguments": [["s3cret"]]},
        {"buildArguments": {"KEY": "s3cret"}},
        {"buildArguments": [{"name": "KEY", "val": "s3cret"}]},
        {"token": {"value": "s3cret"}},
    ],
)
def test_secrets_of_an_unexpected_form_are_masked(details):
    assert "s3cret" not in repr(Payload({"buildDetails": details}, "Version"))
