"""Contracts at the edge of OpenAPI: the service starts on each."""

import pytest

from tests.local.contracts import add_parameter, detail, form, list_images, replace_body, schema

ODD = {
    "no paths": lambda spec: spec.update(paths={}),
    "only webhooks": lambda spec: spec.pop("paths") and spec.update(webhooks={}),
    "no servers": lambda spec: spec.pop("servers"),
    "relative server": lambda spec: spec.update(servers=[{"url": "/"}]),
    "no components used": lambda spec: spec["components"].update(schemas={**spec["components"]["schemas"], "X": True}),
    "no operationId": lambda spec: list_images(spec).pop("operationId"),
    "numbers as statuses": lambda spec: list_images(spec).update(
        responses={int(key): value for key, value in list_images(spec)["responses"].items()}
    ),
    "range of statuses": lambda spec: list_images(spec)["responses"].update(
        {"4XX": list_images(spec)["responses"].pop("401"), "default": list_images(spec)["responses"].pop("500")}
    ),
    "referenced path item": lambda spec: (
        spec["paths"].update({"/copies/": {"$ref": "#/components/pathItems/Copies"}})
        or spec["components"].update(pathItems={"Copies": {"get": {"operationId": "copies", "responses": {}}}})
    ),
    "circular schema": lambda spec: schema(spec, "Image")["properties"].update(
        parent={"$ref": "#/components/schemas/Image"}
    ),
    "circular allOf": lambda spec: (
        spec["components"]["schemas"].update(Loop={"allOf": [{"$ref": "#/components/schemas/Loop"}]})
        or add_parameter(spec, **{"name": "loop", "in": "query", "schema": {"$ref": "#/components/schemas/Loop"}})
    ),
    "reference to nothing": lambda spec: add_parameter(
        spec, **{"name": "p", "in": "query", "schema": {"$ref": "#/components/schemas/Gone"}}
    ),
    "other document": lambda spec: add_parameter(
        spec, **{"name": "p", "in": "query", "schema": {"$ref": "other.yaml#/P"}}
    ),
    "schema true": lambda spec: add_parameter(spec, **{"name": "p", "in": "query", "schema": True}),
    "parameter without a schema": lambda spec: add_parameter(spec, **{"name": "p", "in": "query"}),
    "content without a schema": lambda spec: add_parameter(
        spec, **{"name": "p", "in": "query", "content": {"text/plain": {}}}
    ),
    "date as a default": lambda spec: add_parameter(
        spec, **{"name": "p", "in": "query", "schema": {"type": "string", "format": "date", "default": "2023-06-01"}}
    ),
    "pattern that this engine lacks": lambda spec: add_parameter(
        spec, **{"name": "p", "in": "query", "schema": {"type": "string", "pattern": "(?<n>a)\\k<n>"}}
    ),
    "callbacks and links": lambda spec: list_images(spec).update(
        callbacks={"done": {"{$request.query.url}": {"post": {"responses": {}}}}}
    ),
    "empty discriminator members": lambda spec: spec["components"]["schemas"].update(
        Odd={
            "oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Image"}],
            "discriminator": {"propertyName": "x"},
        }
    ),
    "text body": lambda spec: replace_body(spec, {"content": {"text/plain": {"schema": {"type": "string"}}}}),
    "any body": lambda spec: replace_body(spec, {"content": {"*/*": {}}}),
    "no body": lambda spec: spec["paths"]["/images/"]["post"].pop("requestBody"),
    "bearer token": lambda spec: spec["components"].update(
        securitySchemes={"token": {"type": "http", "scheme": "bearer"}}
    ),
    "no security": lambda spec: spec.pop("security"),
    "other methods": lambda spec: spec["paths"]["/images/"].update(
        {method: {"operationId": method, "responses": {}} for method in ("head", "options", "trace", "put")}
    ),
}


@pytest.mark.parametrize("change", ODD.values(), ids=ODD.keys())
def test_service_starts_on_any_contract(serve, change):
    def apply(spec):
        change(spec)

    client = serve(apply)

    # Whatever the contract says of it, there is a response, and the pages are there.
    assert client.get("/images/").status_code < 600
    assert client.post("/images/", files=form()).status_code < 600
    assert client.get("/images/?p=x&loop=y").status_code < 600
    assert client.get(f"{client.service.url}/").status_code == 200
    assert client.get(f"{client.service.url}/image-management/api-docs/images.json").status_code == 200
    client.service.violations.clear()


def test_schema_that_cannot_be_used_is_reported_by_name(serve):
    client = serve(ODD["other document"])

    assert client.get("/images/").status_code == 200
    assert "p: the contract's schema can't be used" in detail(client.get("/images/?p=x"), 501)
