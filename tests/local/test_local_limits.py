"""Bounds of what comes from outside: sizes, numbers, paths, damaged artifacts."""

import gc
import io
import json
import sys
import zipfile

import pytest

from peak_images_local import LocalService
from peak_images_local.request_log import MAX_BYTES, ReceivedRequest, RequestLog


def test_request_log_is_bounded_in_bytes():
    log = RequestLog()
    for _ in range(1000):
        log.append(ReceivedRequest("POST", "/x", fields={"description": "x" * 60_000}))

    kept = list(log)

    assert 0 < len(kept) < 1000
    assert sum(len(repr(request)) for request in kept) < MAX_BYTES


def test_large_fields_are_recorded_shortened(api, service):
    api.create_image(description="x" * 900_000)

    [request] = service.requests
    assert len(request.fields["description"]) < 100_000
    assert "900000 characters" in request.fields["description"]


def test_form_of_many_large_fields_is_refused(api, refused):
    refused(api.create_image(**{f"field-{n}": "x" * 900_000 for n in range(8)}), 413, "fields of the form")


@pytest.mark.parametrize("path", ["/images/{}", "/images/101/versions/{}", "/images/101/builds/{}/logs"])
@pytest.mark.parametrize("digits", [19, 64, 65, 4301, 5000])
def test_ids_of_any_length_are_not_found(api, refused, path, digits):
    api.create_image()

    refused(api.get(path.format("9" * digits)), 404, "There is no")


def test_numbers_of_any_length_in_queries(api):
    api.create_image()

    assert api.get("/images/", pageNumber="9" * 5000).json()["images"] == []
    assert api.get("/images/101/builds", count="9" * 5000).json()["buildCount"] == 1
    assert api.get("/images/101/builds", versions="9" * 5000).json()["buildCount"] == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("d/" * 32_000 + "f", "too long"),
        ("d/" * 1100 + "f", "too long"),
        ("x" * 256, "255 bytes"),
        ("é" * 128, "255 bytes"),
        (("x" * 200 + "/") * 30 + "f", "too long"),
    ],
)
def test_deep_and_long_paths_in_an_artifact_are_refused(api, refused, make_zip, name, words):
    refused(api.create_image(artifact=make_zip({"Dockerfile": "FROM scratch", name: ""})), 422, words)


@pytest.mark.parametrize("damage", ["gone", "cut", "empty", "text"])
def test_missing_or_cut_artifact_on_update_is_an_error_of_the_api(tmp_path, make_api, make_zip, refused, damage):
    with LocalService(data=tmp_path) as service:
        api = make_api(service)
        service.control.next_build(failure="no space left")
        api.image(artifact=make_zip())
        [file] = (tmp_path / "artifacts").iterdir()
        content = {"cut": file.read_bytes()[:-30], "empty": b"", "text": b"hello"}
        file.unlink() if damage == "gone" else file.write_bytes(content[damage])

        refused(api.update_version(101, 201, description="again"), 422, "artifact", "upload it again")
        from_text = {"source": "dockerfile", "dockerfile": "FROM nowhere:"}
        assert api.update_version(101, 201, buildDetails=from_text).status_code == 200
        api.service.control.finish_builds()

        assert api.update_version(101, 201, artifact=make_zip()).status_code == 200
        assert service.violations == []


def test_zip_with_lies_about_its_sizes_is_refused(api, refused):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Dockerfile", "FROM scratch")
        archive.writestr("bomb", bytes(5_000_000))
    data = bytearray(buffer.getvalue())
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = (10).to_bytes(4, "little")

    refused(api.create_image(artifact=bytes(data)), 422, "artifact")


def test_requests_of_a_service_are_logged_one_line_each(api, caplog):
    caplog.set_level("INFO", logger="peak_images_local.requests")
    api.get("/images/", status="done")
    api.http.get("/images/%1b[31m")

    lines = [record.getMessage() for record in caplog.records if record.name == "peak_images_local.requests"]
    assert lines[0].startswith("GET /image-management/api/v2/images/?status=done 422 ")
    assert "not-ready, ready" in lines[0]
    assert all(line.isprintable() for line in lines)
    assert json.dumps(lines)


def test_many_undeclared_fields_and_parameters_are_noted_shortened(api, service):
    details = {"source": "dockerfile", "dockerfile": "FROM scratch", **{f"field{n}": n for n in range(30_000)}}
    assert api.create_image(buildDetails=details).status_code == 200
    assert api.get("/images/", **{f"parameter{n}": n for n in range(3000)}).status_code == 200

    for request in service.requests:
        assert 0 < len(request.problems) <= 20
        assert len(str(request)) < 100_000


def test_undeclared_objects_in_a_request_are_forgotten_with_it(api):
    details = {"source": "dockerfile", "dockerfile": "FROM scratch", "more": {f"k{n}": {} for n in range(20_000)}}
    for _ in range(2):
        gc.collect()
        before = sys.getallocatedblocks()
        api.create_image(type="nothing", buildDetails=details)
    gc.collect()

    assert sys.getallocatedblocks() - before < 20_000
