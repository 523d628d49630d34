"""Bodies of contracts that the service has never seen: composed forms, JSON, URL-encoded, secrets."""

import json

import pytest

from peak_images_local import handlers
from tests.local.contracts import DOCKERFILE, detail, form, replace_body, schema


def inline_form(spec):
    body = schema(spec, "ImageCreateForm")
    replace_body(spec, {"content": {"multipart/form-data": {"schema": body}}})


def composed_form(spec):
    name = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 1}}}
    parts = [{"$ref": "#/components/schemas/ImageCreateForm"}, name]
    replace_body(spec, {"required": True, "content": {"multipart/form-data": {"schema": {"allOf": parts}}}})


def referenced_body(spec):
    spec["components"]["requestBodies"] = {"Create": spec["paths"]["/images/"]["post"]["requestBody"]}
    replace_body(spec, {"$ref": "#/components/requestBodies/Create"})


def union_form(spec):
    members = [{"$ref": "#/components/schemas/ImageCreateForm"}, {"type": "object", "required": ["nothing"]}]
    replace_body(spec, {"required": True, "content": {"multipart/form-data": {"schema": {"anyOf": members}}}})


def without_mapping(spec):
    del schema(spec, "BuildRequest")["discriminator"]["mapping"]


def with_short_mapping(spec):
    mapping = schema(spec, "BuildRequest")["discriminator"]["mapping"]
    for name, reference in mapping.items():
        mapping[name] = reference.rpartition("/")[2]


def without_discriminator(spec):
    del schema(spec, "BuildRequest")["discriminator"]


def with_open_members(spec):
    # Only the mapping tells which member a value is.
    for name in ("UploadBuild", "DockerfileBuild", "GithubBuild"):
        schema(spec, name)["properties"]["source"] = {"type": "string"}


@pytest.mark.parametrize(
    "change",
    [
        inline_form,
        composed_form,
        referenced_body,
        union_form,
        without_mapping,
        with_short_mapping,
        without_discriminator,
        with_open_members,
    ],
)
def test_forms_of_any_composition_are_checked(serve, change):
    client = serve(change)
    bad = form(buildDetails={"source": "dockerfile", "dockerfile": 3})

    assert client.post("/images/", files=form()).status_code == 200
    assert client.get("/images/101").json()["latestVersion"]["buildDetails"]["dockerfile"] == "FROM scratch"
    assert "type" in detail(client.post("/images/", files=form(name="b", type="zeppelin")), 422)
    assert "buildDetails" in detail(client.post("/images/", files=bad), 422)
    assert "buildDetails" in detail(client.post("/images/", files=form(name="c", buildDetails={"source": "s3"})), 422)


def test_form_without_a_schema_is_accepted_as_it_is(serve):
    client = serve(lambda spec: replace_body(spec, {"content": {"multipart/form-data": {}}}))

    response = client.post("/images/", files={**form(), "buildDetails": (None, "anything")})

    # Nothing is known of its fields, so what the handler needs may be missing; the service goes on.
    assert response.status_code in {200, 422, 500}
    assert client.get("/images/").status_code == 200
    client.service.violations.clear()


def test_json_body(serve):
    def change(spec):
        replace_body(
            spec,
            {
                "required": True,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ImageCreateForm"}}},
            },
        )

    client = serve(change)
    body = {"name": "an-image", "type": "api", "buildDetails": DOCKERFILE}

    assert client.post("/images/", json=body).status_code == 200
    assert client.get("/images/101").json()["name"] == "an-image"
    assert "type" in detail(client.post("/images/", json={**body, "type": "x"}), 422)
    assert "not JSON" in detail(client.post("/images/", content="{", headers={"Content-Type": "application/json"}), 400)
    assert "object" in detail(client.post("/images/", json=[1]), 422)
    assert "application/json is expected" in detail(client.post("/images/", files=form()), 400)
    assert "application/json is expected" in detail(client.post("/images/"), 400)
    assert client.service.requests[0].fields["buildDetails"] == DOCKERFILE


def test_url_encoded_body(serve):
    def change(spec):
        media = spec["paths"]["/images/"]["post"]["requestBody"]["content"]
        media["application/x-www-form-urlencoded"] = media["multipart/form-data"]

    client = serve(change)
    fields = {"name": "an-image", "type": "api", "buildDetails": json.dumps(DOCKERFILE)}

    assert client.post("/images/", data=fields).status_code == 200
    assert client.post("/images/", files=form(name="b")).status_code == 200


def test_form_fields_have_the_types_of_their_schemas(serve, monkeypatch):
    seen = []

    def change(spec):
        schema(spec, "ImageCreateForm")["properties"].update(
            priority={"type": "integer", "maximum": 3},
            urgent={"type": "boolean"},
            labels={"type": "array", "items": {"type": "string"}},
            owner={"type": "object", "properties": {"id": {"type": "integer"}}},
        )

    original = handlers.HANDLERS["create_image"]
    monkeypatch.setitem(
        handlers.HANDLERS, "create_image", lambda context: seen.append(context.body.fields) or original(context)
    )
    client = serve(change)
    parts = [
        *form(priority="2", urgent="true", owner={"id": 4}).items(),
        ("labels", (None, "a")),
        ("labels", (None, "b")),
    ]

    assert client.post("/images/", files=parts).status_code == 200
    assert seen[0]["priority"] == 2
    assert seen[0]["urgent"] is True
    assert seen[0]["labels"] == ["a", "b"]
    assert seen[0]["owner"] == {"id": 4}
    assert "priority" in detail(client.post("/images/", files=form(name="b", priority="9")), 422)
    assert "priority" in detail(client.post("/images/", files=form(name="b", priority="soon")), 422)


def test_secrets_are_masked_in_recorded_requests_and_messages(serve):
    def change(spec):
        schema(spec, "ImageCreateForm")["properties"]["password"] = {
            "type": "string",
            "format": "password",
            "minLength": 12,
        }

    client = serve(change)
    refused = client.post("/images/", files=form(password="hunter2"))
    client.post("/images/", files=form(password="correct horse battery"))

    assert "hunter2" not in refused.text
    assert "password" in detail(refused, 422)
    assert client.service.requests[1].fields["password"] == "***"
    assert "horse" not in repr(list(client.service.requests))


@pytest.mark.parametrize(
    ("addition", "fields", "message"),
    [
        ({"additionalProperties": False}, {"nmae": "x"}, "The body: not allowed: nmae"),
        ({"unevaluatedProperties": False}, {"nmae": "x"}, "The body: not allowed: nmae"),
        ({"properties": {"mail": {"format": "email"}}}, {"mail": "me"}, 'mail: "me" is not a valid email'),
        ({"properties": {"id": {"minLength": 3}}}, {"id": "x"}, 'id: "x" has fewer than 3 characters'),
        ({"properties": {"id": {"type": "integer", "enum": [1, 2]}}}, {"id": "3"}, "id: 3 is not one of 1, 2"),
        ({"patternProperties": {"^x-": {"maxLength": 2}}}, {"x-a": "abc"}, 'x-a: "abc" has more than 2 characters'),
        ({"patternProperties": {"^x-": {"maxLength": 1}}}, {"x-a": "ab"}, 'x-a: "ab" has more than 1 character'),
    ],
)
def test_message_names_field_value_and_what_is_allowed(serve, addition, fields, message):
    def change(spec):
        body = schema(spec, "ImageCreateForm")
        body["properties"].update(addition.get("properties", {}))
        body.update({key: value for key, value in addition.items() if key != "properties"})

    assert detail(serve(change).post("/images/", files=form(**fields)), 422) == message
