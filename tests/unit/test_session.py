"""Sessions: sessions of other packages are adopted, and secrets are never shown."""

import enum
from types import SimpleNamespace

import httpx
import pytest

from peak_images import AsyncImage, ConfigurationError, Image, MissingTokenError, Session, get_async_client, get_client
from peak_images._secrets import mask_token

TOKEN = "t0ken-of-this-test"


class Stage(enum.Enum):
    """A stage, as the session of the official SDK has it."""

    BETA = "beta"


def foreign(**attributes):
    return SimpleNamespace(auth_token=TOKEN, **attributes)


@pytest.mark.parametrize(
    ("session", "root"),
    [
        (foreign(base_domain="https://service.dev.peak.ai"), "https://service.dev.peak.ai"),
        (foreign(base_domain="https://service.dev.peak.ai", stage="beta"), "https://service.dev.peak.ai"),
        (foreign(stage="beta"), "https://service.beta.peak.ai"),
        (foreign(stage=Stage.BETA), "https://service.beta.peak.ai"),
        (foreign(stage=Stage.BETA, base_domain=None), "https://service.beta.peak.ai"),
        (foreign(stage="prod", base_domain=""), "https://service.peak.ai"),
    ],
)
@pytest.mark.parametrize("make", [get_client, get_async_client, Image, AsyncImage])
def test_adopt_accepts_the_sdk_session(sent, session, root, make):
    request = sent(make(session).session)

    assert str(request.url).startswith(f"{root}/image-management/api/v2/images/")
    assert request.headers["authorization"] == TOKEN


def test_environment_url_overrides_an_adopted_session(monkeypatch):
    monkeypatch.setenv("PEAK_IMAGES_URL", "http://127.0.0.1:8080")

    assert get_client(foreign(stage="prod")).session.base_url == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("session", "kind"),
    [
        (SimpleNamespace(auth_token=TOKEN), "SimpleNamespace"),
        (SimpleNamespace(stage="prod"), "SimpleNamespace"),
        ("prod", "str"),
        (7, "int"),
        ({"auth_token": TOKEN, "stage": "prod"}, "dict"),
    ],
)
@pytest.mark.parametrize("make", [get_client, AsyncImage])
def test_adopt_of_another_object_raises_and_names_its_type(session, kind, make):
    with pytest.raises(ConfigurationError, match=f"session: a {kind} has no auth_token") as caught:
        make(session)
    assert TOKEN not in str(caught.value)


def test_adopted_session_without_a_token_uses_the_environment_or_raises():
    with pytest.raises(MissingTokenError):
        get_client(SimpleNamespace(auth_token="", stage="prod"))


def test_adopted_session_with_unknown_stage_raises():
    with pytest.raises(ConfigurationError, match="'staging' is not a stage"):
        get_client(foreign(stage="staging"))


@pytest.mark.parametrize("make", [get_client, get_async_client])
def test_adopt_returns_a_session_unchanged(make):
    session = Session(TOKEN)

    assert make(session).session is session


@pytest.mark.parametrize(("make", "kind"), [(get_client, Image), (get_async_client, AsyncImage)])
def test_client_without_session_uses_the_environment(monkeypatch, make, kind):
    monkeypatch.setenv("API_KEY", TOKEN)
    monkeypatch.setenv("STAGE", "beta")
    client = make()

    assert type(client) is kind
    assert client.session.base_url == "https://service.beta.peak.ai"


def test_token_is_redacted_in_repr(sent):
    session = Session(TOKEN, headers={"X-Secret": "other"})
    sent(session)
    shown = [repr(session), str(session), repr(get_client(session)), repr(get_async_client(session))]

    assert [text for text in shown if TOKEN in text or "other" in text] == []
    assert repr(session) == "Session(base_url='https://service.peak.ai', auth_token='***')"


def test_token_is_masked_in_texts():
    assert mask_token(f"a {TOKEN} b", TOKEN) == "a *** b"


@pytest.mark.parametrize(("token", "masked"), [("t", False), ("abc", False), ("abcd", True), ("a-token", True)])
def test_token_that_may_be_part_of_a_word_is_not_masked(token, masked):
    text = f"the token {token} in the header"

    assert (mask_token(text, token) == "the token *** in the header") is masked
    assert (mask_token(text, token) == text) is not masked


def test_headers_argument_is_copied(sent):
    headers = {"X-Team": "ours"}
    session = Session(TOKEN, headers=headers)
    headers["X-Team"] = "theirs"

    assert sent(session).headers["x-team"] == "ours"


@pytest.mark.parametrize("name", ["User-Agent", "user-agent"])
def test_custom_user_agent_replaces_the_default(sent, name):
    assert sent(Session(TOKEN, headers={name: "mine"})).headers.get_list("user-agent") == ["mine"]


def test_default_user_agent_has_the_version(sent):
    from peak_images import __version__

    assert sent(Session(TOKEN)).headers["user-agent"].startswith(f"peak-images/{__version__} ")


def test_close_of_an_unused_session_does_nothing():
    with Session(TOKEN) as session:
        session.close()


def test_clients_of_one_session_share_the_connection_pool(wire, monkeypatch):
    opened, original = [], httpx.HTTPTransport.__init__

    def opening(transport, *arguments, **options):
        opened.append(transport)
        original(transport, *arguments, **options)

    monkeypatch.setattr(httpx.HTTPTransport, "__init__", opening)
    with Session(TOKEN) as session:
        for _ in range(3):
            get_client(session).list_images(return_iterator=False)

    assert (len(opened), len(wire.requests)) == (1, 3)
