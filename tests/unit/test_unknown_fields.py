"""Fields that look misspelt: they are sent unchanged, with a warning."""

import warnings

import pytest

from peak_images import Session, UnknownFieldWarning, get_async_client, get_client

IMAGE = {"name": "an-image", "type": "api", "buildDetails": {"source": "dockerfile", "dockerfile": "FROM nginx"}}


@pytest.fixture
def client(wire):
    wire.body = {"imageId": 1, "versionId": 2, "buildId": "b", "images": [], "versions": [], "pageCount": 1}
    return get_client(Session("a-token"))


def build(**fields):
    return {**IMAGE, "buildDetails": {**IMAGE["buildDetails"], **fields}}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({**IMAGE, "verison": "0.0.1"}, "body.verison: not a known field; did you mean 'version'?"),
        ({**IMAGE, "Descripton": "x"}, "body.Descripton: not a known field; did you mean 'description'?"),
        ({**IMAGE, "build_details": {}}, "body.build_details: not a known field; did you mean 'buildDetails'?"),
        (build(usecache=False), "body.buildDetails.usecache: not a known field; did you mean 'useCache'?"),
        (
            build(dockerfile_path="x"),
            "body.buildDetails.dockerfile_path: not a known field; did you mean 'dockerfilePath'?",
        ),
    ],
)
def test_misspelt_field_is_warned_of_and_sent(client, wire, body, said):
    with pytest.warns(UnknownFieldWarning) as caught:
        client.create_image(body)
    assert [str(one.message) for one in caught] == [f"{said} It is sent unchanged"]
    assert caught[0].filename == __file__
    assert said.split(":")[0].rpartition(".")[2].encode() in wire.requests[-1].content


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.create_version(1, {"descripton": "x", "buildDetails": IMAGE["buildDetails"]}),
        lambda client: client.update_version(1, 2, {"descripton": "x"}),
        lambda client: client.create_or_update_image_version({**IMAGE, "descripton": "x"}),
    ],
    ids=["create_version", "update_version", "create_or_update_image_version"],
)
def test_misspelt_field_is_warned_of_once(client, call):
    with pytest.warns(UnknownFieldWarning) as caught:
        call(client)
    assert len(caught) == 1


def test_unrelated_unknown_fields_emit_no_warning(client):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client.create_image({**build(quota=[1]), "labels": {"a": "b"}, "x": 1})


def test_async_warning_points_at_the_call(wire):
    import asyncio

    wire.body = {"imageId": 1, "versionId": 2, "buildId": "b"}

    async def main():
        async with Session("a-token") as session:
            await get_async_client(session).create_image({**IMAGE, "verison": "1"})

    with pytest.warns(UnknownFieldWarning) as caught:
        asyncio.run(main())
    assert caught[0].filename == __file__
