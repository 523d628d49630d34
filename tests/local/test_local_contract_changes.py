"""What changes in an API, each with what the service must do then."""

import copy

import pytest

from tests.local.contracts import DOCKERFILE, detail, form, list_images, schema


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


def test_operation_without_a_handler_is_501(serve):
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


def test_operation_without_security_needs_no_token(serve):
    client = serve(lambda spec: list_images(spec).update(security=[]))

    assert client.get("/images/", headers={"Authorization": ""}).status_code == 200
    assert client.get("/images/101", headers={"Authorization": ""}).status_code == 401
