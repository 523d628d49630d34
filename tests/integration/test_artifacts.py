"""Folders as artifacts of calls: what is warned of, what is refused before anything is sent, what travels."""

import warnings

import pytest

from peak_images import ArtifactError, ArtifactTooLargeError, ArtifactWarning, Session
from tests.integration.backends import BACKENDS, open_client
from tests.integration.bodies import DOCKERFILE_BUILD, FAILING_BUILD

UPLOAD = {"buildDetails": {"source": "upload"}}


def create_image(client, _, artifact, body=UPLOAD):
    return client.create_image({"name": "a-folder", "type": "api", **body}, artifact)


def create_version(client, seed, artifact, body=UPLOAD):
    return client.create_version(seed.image()["imageId"], body, artifact)


def update_version(client, seed, artifact, body=UPLOAD):
    existing = seed.image(buildDetails=FAILING_BUILD)
    return client.update_version(existing["imageId"], existing["versionId"], body, artifact)


def warned_of(send, client, seed, artifact, body=UPLOAD):
    """What a call that succeeds warns of: the beginning of each warning, up to where it quotes the folder."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ArtifactWarning)
        created = send(client, seed, artifact, body)
    return created, [str(warning.message).partition(" in '")[0] for warning in caught]


@pytest.mark.parametrize("send", [create_image, create_version, update_version])
def test_what_a_build_would_trip_over_is_warned_of_and_sent_all_the_same(client, seed, service, build_context, send):
    (build_context / "Dockerfile").write_text("FROM nginx\nCOPY app /app\nCOPY notes.md /\nCOPY missing /\n")
    (build_context / ".env").write_text("TOKEN=1\n")

    created, told = warned_of(send, client, seed, {"path": build_context})

    assert told == [
        "Dockerfile:3: COPY takes 'notes.md', which '*.md' in .dockerignore leaves out",
        "Dockerfile:4: COPY takes 'missing', and there is no such thing",
        ".env looks like a file of environment variables, and travels: leave it out by an ignore file",
    ]
    assert ".env" in service.control.uploaded_files(created["versionId"])


def test_a_missing_dockerfile_is_warned_of(client, build_context):
    (build_context / "Dockerfile").unlink()

    assert warned_of(create_image, client, None, {"path": build_context})[1] == ["there is no 'Dockerfile'"]


def test_an_update_may_be_of_a_version_whose_dockerfile_is_elsewhere(client, seed, build_context):
    (build_context / "Dockerfile").unlink()

    assert warned_of(update_version, client, seed, {"path": build_context}, {})[1] == []


def test_where_another_dockerfile_is_built_only_the_folder_itself_is_warned_of(client, build_context):
    (build_context / "Dockerfile").write_text("FROM nginx\nCOPY missing /\n")
    (build_context / ".env").write_text("TOKEN=1\n")

    _, told = warned_of(create_image, client, None, {"path": build_context}, {"buildDetails": DOCKERFILE_BUILD})

    assert [text.partition(" ")[0] for text in told] == [".env"]


def test_a_warning_points_at_the_call(sync_client, build_context):
    (build_context / ".env").write_text("TOKEN=1\n")

    with pytest.warns(ArtifactWarning) as caught:
        create_image(sync_client, None, {"path": build_context})

    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_folder_larger_than_the_session_allows_is_not_sent(service, build_context, backend):
    with (
        Session(base_url=service.url, auth_token=service.token, max_artifact_size=300) as session,
        open_client(backend, session) as client,
        pytest.raises(ArtifactTooLargeError, match="larger than 300 B") as caught,
    ):
        create_image(client, None, {"path": build_context})

    assert caught.value.limit == 300
    assert [name for name, _ in caught.value.largest] == ["Dockerfile", ".dockerignore", "app/main.py"]
    assert service.requests == []


def test_a_folder_that_can_not_be_used_is_not_sent(client, service, build_context, tmp_path):
    for path in (tmp_path / "none", build_context / "Dockerfile"):
        with pytest.raises(ArtifactError, match=str(path)):
            create_image(client, None, {"path": path})

    assert service.requests == []


def test_a_link_that_leads_outside_travels_only_where_that_is_allowed(client, service, build_context, tmp_path):
    (tmp_path / "shared.py").write_text("shared = True\n")
    (build_context / "app/shared.py").symlink_to(tmp_path / "shared.py")
    artifact = {"path": build_context}

    with pytest.raises(ArtifactError, match=r"app/shared\.py.* outside the context"):
        create_image(client, None, artifact)
    assert service.requests == []

    created = create_image(client, None, {**artifact, "follow_external_links": True})
    assert service.control.uploaded_files(created["versionId"])["app/shared.py"] == b"shared = True\n"
