"""Requests that can't be served: who is asking, what is malformed, what is not allowed."""

import socket

import httpx
import pytest

from peak_images_local import LocalService

FORM = {"name": (None, "an-image"), "type": (None, "workflow")}
DOCKERFILE = {"source": "dockerfile", "dockerfile": "FROM scratch"}


@pytest.mark.parametrize("token", ["wrong", "Bearer local-token", "LOCAL-TOKEN", "tökén".encode()])
def test_wrong_token_is_401(api, refused, token):
    response = api.http.get("/images/", headers={"Authorization": token})

    refused(response, 401, "token")


def test_no_token(api, refused):
    del api.http.headers["Authorization"]

    refused(api.get("/images/"), 401, "Authorization", "missing")
    refused(api.create_image(), 401, "Authorization", "missing")


def test_token_may_begin_with_bearer():
    with LocalService(token="Bearer abc") as service:
        url = f"{service.url}/image-management/api/v2/images/"

        assert httpx.get(url, headers={"Authorization": "Bearer abc"}).status_code == 200
        assert httpx.get(url, headers={"Authorization": "abc"}).status_code == 401


def test_any_token_accepts_every_token():
    with LocalService(any_token=True) as service:
        url = f"{service.url}/image-management/api/v2/images/"

        assert httpx.get(url, headers={"Authorization": "whatever"}).status_code == 200
        assert httpx.get(url).status_code == 401


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"pageSize": 0}, ["pageSize", "0", "less than 1"]),
        ({"pageSize": "many"}, ["pageSize", "many", "integer"]),
        ({"pageNumber": -1}, ["pageNumber", "-1"]),
        ({"status": "done"}, ["status", "done", "not-ready, ready, in-use, deleting, delete-failed"]),
        ({"status": ["ready", ""]}, ["status"]),
        ({"scope": "all"}, ["scope", "all", "custom, global"]),
        ({"lastBuildStatus": "ok"}, ["lastBuildStatus", "ok", "building, failed"]),
        ({"pageSize": "x", "scope": "y"}, ["pageSize", "scope"]),
    ],
)
def test_bad_queries(api, refused, query, words):
    refused(api.get("/images/", **query), 422, *words)


@pytest.mark.parametrize("path", ["/images/abc", "/images/0", "/images/1.5", "/images/101/versions/x"])
def test_bad_paths(api, refused, path):
    api.image()

    refused(api.get(path), 422, "Id")


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"type": "workflow"}, 422, ["name", "missing"]),
        ({"name": "", "type": "workflow"}, 422, ["name", "empty"]),
        ({"name": "a"}, 422, ["type", "missing"]),
        ({"name": "a", "type": "Workflow"}, 422, ["type", "Workflow", "workflow, workspace-r"]),
        ({"name": "a", "type": "api", "buildDetails": "{"}, 400, ["buildDetails", "not JSON", "line 1"]),
        ({"name": "a", "type": "api", "buildDetails": "[" * 100_000}, 400, ["buildDetails", "nested"]),
        ({"name": "a", "type": "api", "buildDetails": '{"a": NaN}'}, 400, ["buildDetails", "not JSON"]),
        *(
            ({"name": "a", "type": "api", "buildDetails": f"{'[' * depth}{']' * depth}"}, 400, ["more than 100 levels"])
            for depth in (200, 300, 600, 5000)
        ),
        ({"name": "a", "type": "api", "buildDetails": '{"a": 1e999}'}, 400, ["buildDetails", "not JSON"]),
        ({"name": "a", "type": "api", "buildDetails": '{"a": "\\ud800"}'}, 400, ["buildDetails", "not JSON"]),
        ({"name": "a", "type": "api", "buildDetails": f'{{"a": {"9" * 5000}}}'}, 400, ["buildDetails", "not JSON"]),
        ({"name": "a", "type": "api", "buildDetails": []}, 422, ["buildDetails", "object"]),
        (
            {"name": "a", "type": "api", "buildDetails": {}},
            422,
            ["buildDetails", "source", "upload, dockerfile, github"],
        ),
        ({"name": "a", "type": "api", "buildDetails": {"source": "s3"}}, 422, ["source", "s3", "upload, dockerfile"]),
        ({"name": "a", "type": "api", "buildDetails": {"source": "dockerfile"}}, 422, ["buildDetails.dockerfile"]),
        ({"name": "a", "type": "api", "buildDetails": {"source": "github"}}, 422, ["buildDetails.repository"]),
        ({"name": "a", "type": "api", "buildDetails": {**DOCKERFILE, "useCache": "no"}}, 422, ["useCache", "boolean"]),
        (
            {"name": "a", "type": "api", "buildDetails": {**DOCKERFILE, "buildArguments": [{"name": "A", "value": 1}]}},
            422,
            ["buildDetails.buildArguments.0.value", "string"],
        ),
        ({"name": "a", "type": "api"}, 422, ["artifact", "missing", "upload"]),
        ({"name": "a", "type": "api", "artifact": "text"}, 422, ["artifact", "file is expected"]),
    ],
)
def test_bad_forms(api, refused, fields, status, words):
    refused(api.send("POST", "/images/", fields), status, *words)
    assert api.get("/images/").json()["imageCount"] == 0


def test_bad_changes(api, refused):
    api.create_image()

    for details, words in (
        ({"useCache": 3}, ["buildDetails.useCache", "3", "boolean"]),
        ({"source": "github"}, ["buildDetails.repository"]),
        ({"source": "s3"}, ["source", "s3"]),
        ("3", ["buildDetails", "3", "object"]),
    ):
        refused(api.update_version(101, 201, buildDetails=details), 422, *words)


def test_file_in_a_text_field_is_422(api, refused):
    response = api.http.post("/images/", files={**FORM, "version": ("v.txt", b"0.0.1")})

    refused(response, 422, "version", "text is expected")


def test_duplicate_field_is_400(api, refused):
    response = api.http.post("/images/", files=[("name", (None, "a")), ("name", (None, "b")), ("type", (None, "api"))])

    refused(response, 400, "name", "more than once")


def test_undeclared_fields_are_ignored_and_noted(api, service):
    response = api.create_image(buildDetails=DOCKERFILE, colour="blue")
    api.get("/images/", sort="name")

    assert response.status_code == 200
    assert [problem.partition(";")[0] for request in service.requests for problem in request.problems] == [
        "colour: the contract doesn't declare it",
        "sort: the contract doesn't declare it",
    ]


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", None])
def test_wrong_content_type_is_400(api, refused, kind):
    response = api.http.post("/images/", content=b"{}", headers={"Content-Type": kind} if kind else {})

    refused(response, 400, kind or "no type", "multipart/form-data")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b"nonsense"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\na'),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Type: text/plain\r\n\r\na\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\na\r\n--x\r\n'),
    ],
)
def test_malformed_multipart_is_400(api, refused, kind, body):
    refused(api.http.post("/images/", content=body, headers={"Content-Type": kind}), 400, "form can't be read")


def test_an_empty_form_is_one(api):
    api.create_image()
    headers = {"Content-Type": "multipart/form-data; boundary=x"}

    response = api.http.patch("/images/101/versions/201", content=b"--x--\r\n", headers=headers)

    assert response.status_code == 200


def test_text_field_over_the_limit_is_413(api, refused):
    refused(api.create_image(description="x" * 2_000_000), 400, "1024KB")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/images/", {"GET", "POST"}),
        ("HEAD", "/images/", {"GET", "POST"}),
        ("POST", "/images/1", {"GET", "DELETE"}),
        ("PATCH", "/images/1/versions", {"GET", "POST", "DELETE"}),
        ("PUT", "/images/1/versions/1", {"GET", "PATCH", "DELETE"}),
        ("DELETE", "/images/1/builds", {"GET"}),
    ],
)
def test_methods_that_are_not_allowed(api, method, path, allowed):
    response = api.http.request(method, path)

    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", ["/images", "/images/1/", "/image", "/images/1/versions/1/2"])
def test_paths_that_are_not_there(api, refused, path):
    refused(api.get(path), 404, path)


def test_malformed_http_request_is_400(service):
    with socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2])), timeout=30) as connection:
        connection.sendall(b"NONSENSE\r\n\r\n")

        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_recorded_requests_are_redacted(api, service, make_zip):
    artifact = make_zip()
    details = {"source": "upload", "buildArguments": [{"name": "KEY", "value": "s3cret"}]}
    api.create_image("mine", artifact, buildDetails=details)
    api.get("/images/", status=["ready", "in-use"])

    create, listing = service.requests

    assert (create.method, create.path, create.status) == ("POST", "/image-management/api/v2/images/", 200)
    assert create.fields["name"] == "mine"
    assert create.fields["buildDetails"]["buildArguments"] == [{"name": "KEY", "value": "***"}]
    assert create.files == {"artifact": ("artifact.zip", "application/zip", len(artifact))}
    assert create.headers["authorization"] == "***"
    assert create.problems == ()
    assert listing.query == (("status", "ready"), ("status", "in-use"))
    assert "s3cret" not in repr(service.requests)


def test_refused_request_is_recorded_with_its_problems(api, service):
    api.create_image(version="x")

    [request] = service.requests
    assert request.status == 422
    assert "semantic" in request.problems[0]


def test_an_empty_search_is_none(api):
    api.create_image()

    assert api.get("/images/", searchTerm="").json()["imageCount"] == 1
    assert api.get("/images/101/builds/301/logs", nextToken="").status_code == 200


def test_undeclared_fields_may_come_twice_and_be_files(api):
    details = (None, '{"source": "dockerfile", "dockerfile": "FROM scratch"}')
    response = api.http.post(
        "/images/",
        files=[
            *FORM.items(),
            ("buildDetails", details),
            ("x", (None, "1")),
            ("x", (None, "2")),
            ("y", ("f.txt", b"3")),
        ],
    )

    assert response.status_code == 200
