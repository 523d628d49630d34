"""Directories as artifacts of calls: warnings, rejections before anything is sent, uploads."""

import warnings

import pytest

from peak_images import ArtifactError, ArtifactTooLargeError, ArtifactWarning, ConfigurationError, Session, get_client
from tests.integration.backends import BACKENDS, open_client
from tests.integration.bodies import DOCKERFILE_BUILD, FAILING_BUILD

UPLOAD = {"buildDetails": {"source": "upload"}}


def create_image(client, _, artifact, body=UPLOAD):
    return client.create_image({"name": "a-directory", "type": "api", **body}, artifact)


def create_version(client, seed, artifact, body=UPLOAD):
    return client.create_version(seed.image()["imageId"], body, artifact)


def update_version(client, seed, artifact, body=UPLOAD):
    existing = seed.image(buildDetails=FAILING_BUILD)
    return client.update_version(existing["imageId"], existing["versionId"], body, artifact)


def warned_of(send, client, seed, artifact, body=UPLOAD):
    """Return the warnings of a successful call: the start of each, up to the quoted directory."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ArtifactWarning)
        created = send(client, seed, artifact, body)
    return created, [str(warning.message).partition(" in '")[0] for warning in caught]


FAILING_DOCKERFILE = "FROM nginx\nCOPY app /app\nCOPY notes.md /\nCOPY missing /\n"


@pytest.mark.parametrize("send", [create_image, create_version, update_version])
def test_check_warn_uploads_a_context_whose_build_will_fail(client, seed, service, build_context, send):
    (build_context / "Dockerfile").write_text(FAILING_DOCKERFILE)
    (build_context / ".env").write_text("TOKEN=1\n")

    created, warned = warned_of(send, client, seed, {"path": build_context, "check": "warn"})

    assert [text.partition(" not found")[0] for text in warned] == [
        "Dockerfile:3: COPY: 'notes.md'",
        "Dockerfile:4: COPY: 'missing'",
        ".env looks like a file of environment variables and will be uploaded; add '.env' to .dockerignore",
    ]
    assert ".env" in service.control.uploaded_files(created["versionId"])


@pytest.mark.parametrize("send", [create_image, create_version])
def test_check_error_refuses_a_context_whose_build_will_fail_and_lists_all_problems(
    client, seed, service, build_context, send
):
    (build_context / "Dockerfile").write_text(FAILING_DOCKERFILE)
    (build_context / ".env").write_text("TOKEN=1\n")

    with pytest.raises(ArtifactError) as caught:
        send(client, seed, {"path": build_context})

    assert [(str(problem.kind), problem.path) for problem in caught.value.problems] == [
        ("source-ignored", "notes.md"),
        ("source-missing", "missing"),
        ("likely-secret", ".env"),
    ]
    assert str(build_context) in str(caught.value)
    assert "'check': 'warn'" in str(caught.value)
    assert [request for request in service.requests if request.operation == send.__name__] == []


def test_update_only_warns_of_dockerfile_problems(client, seed, build_context):
    (build_context / "Dockerfile").write_text(FAILING_DOCKERFILE)

    _, warned = warned_of(update_version, client, seed, {"path": build_context}, {})

    assert len(warned) == 2


@pytest.mark.parametrize("check", ["off", "warn"])
def test_check_off_ignores_a_missing_dockerfile(client, build_context, check):
    (build_context / "Dockerfile").unlink()

    with pytest.raises(ArtifactError, match="dockerfile-missing: there is no 'Dockerfile'"):
        create_image(client, None, {"path": build_context})
    _, warned = warned_of(create_image, client, None, {"path": build_context, "check": check})

    assert len(warned) == {"off": 0, "warn": 1}[check]


def test_check_strict_makes_a_likely_secret_an_error(client, build_context):
    (build_context / ".env").write_text("TOKEN=1\n")

    with pytest.raises(ArtifactError, match=r"'strict', so nothing was sent:\n  likely-secret: \.env") as caught:
        create_image(client, None, {"path": build_context, "check": "strict"})

    assert len(caught.value.problems) == 1


def test_call_overrides_the_artifact_check_of_the_session(service, build_context):
    (build_context / "Dockerfile").write_text(FAILING_DOCKERFILE)
    with Session(base_url=service.url, auth_token=service.token, artifact_check="off") as session:
        client = get_client(session)
        assert warned_of(create_image, client, None, {"path": build_context})[1] == []
        with pytest.raises(ArtifactError, match="would fail"):
            create_image(client, None, {"path": build_context, "check": "error"})
    with pytest.raises(ConfigurationError, match=r"artifact_check: 'no' .* allowed: error, warn, off, strict"):
        Session(auth_token="t", artifact_check="no")


def test_update_without_dockerfile_emits_no_warning(client, seed, build_context):
    (build_context / "Dockerfile").unlink()

    assert warned_of(update_version, client, seed, {"path": build_context}, {})[1] == []


def test_other_source_warns_of_the_directory_only(client, build_context):
    (build_context / "Dockerfile").write_text("FROM nginx\nCOPY missing /\n")
    (build_context / ".env").write_text("TOKEN=1\n")

    _, reported = warned_of(create_image, client, None, {"path": build_context}, {"buildDetails": DOCKERFILE_BUILD})

    assert [text.partition(" ")[0] for text in reported] == [".env"]


def test_artifact_warning_points_at_the_call(sync_client, build_context):
    (build_context / ".env").write_text("TOKEN=1\n")

    with pytest.warns(ArtifactWarning) as caught:
        create_image(sync_client, None, {"path": build_context})

    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("backend", BACKENDS)
def test_artifact_larger_than_max_artifact_size_is_not_sent(service, build_context, backend):
    with (
        Session(base_url=service.url, auth_token=service.token, max_artifact_size=300) as session,
        open_client(backend, session) as client,
        pytest.raises(ArtifactTooLargeError, match="larger than 300 B") as caught,
    ):
        create_image(client, None, {"path": build_context})

    assert caught.value.limit == 300
    assert [name for name, _ in caught.value.largest] == ["Dockerfile", ".dockerignore", "app/main.py"]
    assert service.requests == []


def test_unusable_directory_is_not_sent(client, service, build_context, tmp_path):
    for path in (tmp_path / "none", build_context / "Dockerfile"):
        with pytest.raises(ArtifactError, match=str(path)):
            create_image(client, None, {"path": path})

    assert service.requests == []


def test_link_to_outside_is_excluded_unless_the_call_allows_it(client, service, build_context, tmp_path):
    (tmp_path / "shared.py").write_text("shared = True\n")
    (build_context / "app/shared.py").symlink_to(tmp_path / "shared.py")

    created, warned = warned_of(create_image, client, None, {"path": build_context})
    assert len(warned) == 1
    assert "app/shared.py links to" in warned[0]
    assert "app/shared.py" not in service.control.uploaded_files(created["versionId"])

    artifact = {"path": build_context, "follow_external_links": True}
    created, warned = warned_of(create_image, client, None, artifact, {**UPLOAD, "name": "another"})
    assert warned == []
    assert service.control.uploaded_files(created["versionId"])["app/shared.py"] == b"shared = True\n"


def test_link_to_outside_that_the_dockerfile_copies_stops_the_call(client, service, build_context, tmp_path):
    (tmp_path / "shared.py").write_text("shared = True\n")
    (build_context / "shared.py").symlink_to(tmp_path / "shared.py")
    (build_context / "Dockerfile").write_text("FROM nginx\nCOPY shared.py /\n")

    with pytest.raises(ArtifactError, match=r"Dockerfile:2: COPY: 'shared\.py' .*outside the directory"):
        create_image(client, None, {"path": build_context})
    assert service.requests == []
