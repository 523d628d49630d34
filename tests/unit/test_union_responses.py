"""Responses that are unions: the model of the member that one is."""

import pytest

from peak_images._payload import make_payload

IMAGE = {"model": "Image", "required": ["id", "latestVersion"], "fixed": {}, "fields": ["id", "name", "latestVersion"]}
TAG = {"model": "Tag", "required": ["name"], "fixed": {}, "fields": ["name", "color"]}
UPLOAD = {"model": "UploadBuild", "required": ["source"], "fixed": {"source": "upload"}, "fields": ["source"]}
GITHUB = {"model": "GithubBuild", "required": ["source"], "fixed": {"source": "github"}, "fields": ["source"]}


def operation(*members, **rest):
    response = {"model": None, "members": list(members), "discriminator": None, **rest}
    return {"response": response, "pagination": None}


@pytest.mark.parametrize(
    ("fields", "model"),
    [
        ({"id": 1, "latestVersion": {"id": 2, "version": "1", "status": "ready"}}, "Image"),
        ({"name": "blue", "color": "#00f"}, "Tag"),
        ({"name": "both", "id": 1, "latestVersion": {}}, "Image"),
    ],
)
def test_union_response_model_is_selected_by_required_fields(fields, model):
    payload = make_payload(fields, operation(IMAGE, TAG))

    assert type(payload.model).__name__ == model
    assert payload == fields


@pytest.mark.parametrize(("source", "model"), [("upload", "UploadBuild"), ("github", "GithubBuild")])
def test_union_response_model_is_selected_by_constant_field(source, model):
    assert type(make_payload({"source": source}, operation(UPLOAD, GITHUB)).model).__name__ == model


def test_union_response_model_is_selected_by_discriminator():
    discriminator = {"field": "kind", "mapping": {"own": "Image", "label": "Tag"}}
    members = operation(IMAGE, TAG, discriminator=discriminator)
    payload = make_payload({"kind": "label", "id": 1, "latestVersion": {}}, members)

    assert type(payload.model).__name__ == "Tag"


def test_union_response_that_fits_no_member_stays_a_dictionary():
    assert make_payload({"something": "else"}, operation(IMAGE, UPLOAD)).model == {"something": "else"}
