"""Parameters of contracts that the service has never seen: query, header, cookie, styles."""

import pytest

from peak_images_local import handlers
from tests.local.contracts import add_parameter, detail, form, list_images


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


@pytest.mark.parametrize("value", ["hunter2", ["hunter2"]])
def test_secret_parameters_are_masked_in_the_recorded_requests(serve, value):
    def change(spec):
        for place, name in (("header", "X-Registry-Token"), ("query", "accessKey"), ("cookie", "sid")):
            schema = {"type": "string", "format": "password"}
            if isinstance(value, list) and place == "query":
                schema = {"type": "array", "items": schema}
            add_parameter(spec, **{"name": name, "in": place, "schema": schema})

    client = serve(change)
    headers = {"X-Registry-Token": "hunter2", "Cookie": "sid=hunter2"}

    assert client.get("/images/", params={"accessKey": value}, headers=headers).status_code == 200
    [request] = client.service.requests
    assert request.headers["x-registry-token"] == dict(request.query)["accessKey"] == "***"
    assert "hunter2" not in repr(request)


def test_removed_query_parameter_is_ignored_and_reported(serve):
    def change(spec):
        parameters = list_images(spec)["parameters"]
        list_images(spec)["parameters"] = [p for p in parameters if p.get("name") != "searchTerm"]

    client = serve(change)
    client.post("/images/", files=form())

    assert client.get("/images/", params={"searchTerm": "zzz"}).json()["imageCount"] == 1
    assert "searchTerm" in client.service.requests[-1].problems[0]


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
