"""Contracts that the service has never seen: it starts on each, and follows what they say."""

import copy
import json

import httpx
import pytest
import yaml

from peak_images_local import LocalService, handlers
from peak_images_local.api.contract import Contract, read_contract

SPEC = yaml.safe_load(read_contract())
DOCKERFILE = {"source": "dockerfile", "dockerfile": "FROM scratch"}


@pytest.fixture
def serve(monkeypatch):
    """Starts a service on the contract with changes made to it; gives a client of its API."""
    running = []

    def start(change, **options):
        spec = copy.deepcopy(SPEC)
        contract = Contract(yaml.safe_dump(change(spec) or spec))
        monkeypatch.setattr("peak_images_local.app.load_contract", lambda: contract)
        service = LocalService(build_seconds=0, delete_seconds=0, **options).start()
        client = httpx.Client(base_url=service.url + contract.prefix, headers={"Authorization": service.token})
        client.service = service
        running.extend([client.close, service.stop])
        return client

    yield start
    for close in running:
        close()


def form(**fields):
    return {
        name: (None, value if isinstance(value, str) else json.dumps(value))
        for name, value in {"name": "an-image", "type": "api", "buildDetails": DOCKERFILE, **fields}.items()
    }


def schema(spec, name):
    return spec["components"]["schemas"][name]


def list_images(spec):
    return spec["paths"]["/images/"]["get"]


def add_parameter(spec, **parameter):
    list_images(spec)["parameters"].append(parameter)


def replace_body(spec, content):
    spec["paths"]["/images/"]["post"]["requestBody"] = content


def detail(response, status):
    assert response.status_code == status, response.text
    return response.json()["detail"]


# What is changed in an API, each with what the service must do then.


def test_default_page_size_follows_the_contract(serve):
    def change(spec):
        spec["components"]["parameters"]["PageSize"]["schema"]["default"] = 50

    assert serve(change).get("/images/").json()["pageSize"] == 50


def test_default_of_a_build_detail_follows_the_contract(serve):
    def change(spec):
        schema(spec, "DockerfileBuild")["properties"]["useCache"]["default"] = False
        schema(spec, "DockerfileBuild")["properties"]["platform"] = {"type": "string", "default": "linux/arm64"}

    client = serve(change)
    client.post("/images/", files=form())

    details = client.get("/images/101").json()["latestVersion"]["buildDetails"]
    assert details == {**DOCKERFILE, "useCache": False, "platform": "linux/arm64"}


def test_new_enum_value_is_accepted_and_others_name_it(serve):
    def change(spec):
        schema(spec, "ImageType")["enum"].append("agent")

    client = serve(change)

    assert client.post("/images/", files=form(type="agent")).status_code == 200
    assert client.get("/images/101").json()["type"] == "agent"
    assert "agent" in detail(client.post("/images/", files=form(type="robot")), 422)


def test_new_query_parameter_is_checked_and_has_its_default(serve, monkeypatch):
    seen = []

    def change(spec):
        sort = {"type": "string", "enum": ["name", "age"], "default": "age"}
        add_parameter(spec, **{"name": "sortBy", "in": "query", "schema": sort})

    def listing(context):
        seen.append(context.query_value("sortBy"))
        return original(context)

    original = handlers.HANDLERS["list_images"]
    monkeypatch.setitem(handlers.HANDLERS, "list_images", listing)
    client = serve(change)

    assert client.get("/images/").status_code == 200
    assert client.get("/images/", params={"sortBy": "name"}).status_code == 200
    assert seen == ["age", "name"]
    assert "sortBy" in detail(client.get("/images/", params={"sortBy": "size"}), 422)
    assert client.service.requests[1].problems == ()


def test_removed_query_parameter_is_ignored_and_reported(serve):
    def change(spec):
        parameters = list_images(spec)["parameters"]
        list_images(spec)["parameters"] = [p for p in parameters if p.get("name") != "searchTerm"]

    client = serve(change)
    client.post("/images/", files=form())

    assert client.get("/images/", params={"searchTerm": "zzz"}).json()["imageCount"] == 1
    assert "searchTerm" in client.service.requests[-1].problems[0]


@pytest.mark.parametrize(
    ("bounds", "name", "status"),
    [
        ({"maxLength": 5}, "an-image", 422),
        ({"maxLength": 8}, "an-image", 200),
        ({"pattern": "^[a-z]+$"}, "an-image", 422),
        ({"enum": ["an-image"]}, "an-image", 200),
        ({"not": {"const": "latest"}}, "latest", 422),
    ],
)
def test_added_bounds_are_checked(serve, bounds, name, status):
    def change(spec):
        schema(spec, "ImageCreateForm")["properties"]["name"].update(bounds)

    assert serve(change).post("/images/", files=form(name=name)).status_code == status


def test_deprecated_parameter_is_served_with_warnings_as_errors(serve):
    def change(spec):
        for parameter in spec["components"]["parameters"].values():
            parameter["deprecated"] = True
        list_images(spec)["deprecated"] = True

    # This suite turns every warning into an error.
    assert serve(change).get("/images/", params={"pageSize": 1, "status": ["ready"]}).status_code == 200


def test_header_parameters_are_required_checked_and_given_their_defaults(serve, monkeypatch):
    seen = []

    def change(spec):
        add_parameter(spec, **{"name": "X-Tenant", "in": "header", "required": True, "schema": {"type": "integer"}})
        add_parameter(
            spec, **{"name": "X-Mode", "in": "header", "schema": {"enum": ["fast", "slow"], "default": "fast"}}
        )
        add_parameter(
            spec, **{"name": "Authorization", "in": "header", "required": True, "schema": {"type": "integer"}}
        )
        add_parameter(spec, **{"name": "sid", "in": "cookie", "schema": {"type": "integer"}})

    original = handlers.HANDLERS["list_images"]
    monkeypatch.setitem(
        handlers.HANDLERS, "list_images", lambda context: seen.append(context.parameters) or original(context)
    )
    client = serve(change)

    assert "X-Tenant: missing" in detail(client.get("/images/"), 422)
    assert "X-Tenant" in detail(client.get("/images/", headers={"X-Tenant": "one"}), 422)
    assert "fast, slow" in detail(client.get("/images/", headers={"X-Tenant": "1", "X-Mode": "odd"}), 422)
    assert "sid" in detail(client.get("/images/", headers={"X-Tenant": "1", "Cookie": "sid=x"}), 422)
    assert client.get("/images/", headers={"x-tenant": "1"}).status_code == 200
    assert seen[0]["header", "X-Tenant"] == 1
    assert seen[0]["header", "X-Mode"] == "fast"


@pytest.mark.parametrize(
    ("parameter", "query", "expected"),
    [
        (
            {"style": "form", "explode": False, "schema": {"type": "array", "items": {"type": "integer"}}},
            "p=1,2",
            [1, 2],
        ),
        ({"style": "pipeDelimited", "explode": False, "schema": {"type": "array"}}, "p=a|b", ["a", "b"]),
        ({"style": "spaceDelimited", "explode": False, "schema": {"type": "array"}}, "p=a%20b", ["a", "b"]),
        ({"schema": {"type": "boolean"}}, "p=true", True),
        ({"schema": {"type": "number"}}, "p=1.5", 1.5),
        ({"schema": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}, "p=7", 7),
        ({"schema": {"allOf": [{"type": "integer"}, {"minimum": 3}]}}, "p=7", 7),
        ({"content": {"application/json": {"schema": {"type": "object"}}}}, 'p={"a":[1]}', {"a": [1]}),
        (
            {"style": "deepObject", "schema": {"type": "object", "properties": {"a": {"type": "integer"}}}},
            "p[a]=3",
            {"a": 3},
        ),
        ({"schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}, "a=3", {"a": 3}),
        ({"explode": False, "schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}, "p=a,3", {"a": 3}),
    ],
)
def test_parameter_styles(serve, monkeypatch, parameter, query, expected):
    seen = []
    original = handlers.HANDLERS["list_images"]
    monkeypatch.setitem(
        handlers.HANDLERS, "list_images", lambda context: seen.append(context.query_value("p")) or original(context)
    )
    client = serve(lambda spec: add_parameter(spec, **{"name": "p", "in": "query", **parameter}))

    response = client.get(f"/images/?{query}")

    assert response.status_code == 200, response.text
    assert seen == [expected]
    assert client.service.requests[-1].problems == ()


def test_malformed_content_parameter_is_refused(serve):
    content = {"application/json": {"schema": {"type": "object"}}}
    client = serve(lambda spec: add_parameter(spec, **{"name": "p", "in": "query", "content": content}))

    assert "p: not JSON" in detail(client.get("/images/?p={"), 400)
    assert "p: [] is not an object" in detail(client.get("/images/?p=[]"), 422)


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


def test_operation_without_a_handler_is_answered_with_501(serve):
    def change(spec):
        stop = copy.deepcopy(spec["paths"]["/images/{imageId}"]["get"])
        stop["operationId"] = "stop_build"
        spec["paths"]["/images/{imageId}"]["post"] = stop

    client = serve(change)

    assert "stop_build" in detail(client.post("/images/101"), 501)
    assert detail(client.post("/images/101", headers={"Authorization": "wrong"}), 401)
    assert client.service.violations == []


def test_changed_method_is_routed(serve):
    def change(spec):
        item = spec["paths"]["/images/{imageId}"]
        item["post"] = item.pop("delete")

    client = serve(change)
    client.post("/images/", files=form())

    assert client.delete("/images/101").status_code == 405
    assert client.post("/images/101").status_code == 200


def test_changed_path_and_server_are_routed(serve):
    def change(spec):
        spec["servers"] = [{"url": "https://{host}.example.com/v3", "variables": {"host": {"default": "a"}}}]
        spec["paths"]["/all-images"] = spec["paths"].pop("/images/")
        spec["paths"]["/all-images/latest"] = {"get": {"operationId": "latest", "responses": {}}}
        spec["paths"]["/all-images/{image-id}.json"] = {
            "get": {
                "operationId": "as_json",
                "parameters": [{"name": "image-id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {},
            }
        }

    client = serve(change)

    assert str(client.base_url).endswith("/v3/")
    assert client.get("/all-images").status_code == 200
    assert "latest" in detail(client.get("/all-images/latest"), 501)
    assert "as_json" in detail(client.get("/all-images/4.json"), 501)
    assert client.get("/images/").status_code == 404


def test_success_status_follows_the_contract(serve):
    def change(spec):
        responses = spec["paths"]["/images/"]["post"]["responses"]
        responses["201"] = responses.pop("200")
        responses = spec["paths"]["/images/{imageId}"]["delete"]["responses"]
        del responses["200"]

    client = serve(change)

    assert client.post("/images/", files=form()).status_code == 201
    assert client.delete("/images/101").status_code == 204


def test_removed_response_field_is_not_sent(serve):
    def change(spec):
        del schema(spec, "Image")["properties"]["scope"]

    client = serve(change)
    client.post("/images/", files=form())

    assert "scope" not in client.get("/images/101").json()


def test_renamed_required_response_field_is_a_violation(serve):
    def change(spec):
        image = schema(spec, "Image")
        image["properties"]["kind"] = image["properties"].pop("type")
        image["required"] = ["kind" if name == "type" else name for name in image["required"]]

    client = serve(change)
    client.post("/images/", files=form())

    assert "kind" in detail(client.get("/images/101"), 500)
    assert "describe_image" in client.service.violations[0]
    client.service.violations.clear()


def test_status_that_the_contract_no_longer_lists_is_a_violation(serve):
    def change(spec):
        schema(spec, "ImageStatus")["enum"].remove("ready")

    client = serve(change)
    client.post("/images/", files=form())

    assert client.get("/images/101").status_code == 500
    assert "ready" in client.service.violations[0]
    client.service.violations.clear()


def test_final_statuses_follow_the_contract():
    spec = copy.deepcopy(SPEC)
    before = Contract(yaml.safe_dump(spec)).final_statuses
    schema(spec, "BuildStatus")["enum"].append("cancelled")
    schema(spec, "BuildStatus")["x-final"].append("cancelled")

    assert before == {"success", "failed", "stopped"}
    assert Contract(yaml.safe_dump(spec)).final_statuses == {*before, "cancelled"}


def test_operation_without_security_needs_no_token(serve):
    client = serve(lambda spec: list_images(spec).update(security=[]))

    assert client.get("/images/", headers={"Authorization": ""}).status_code == 200
    assert client.get("/images/101", headers={"Authorization": ""}).status_code == 401


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
