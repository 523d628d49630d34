"""``whoami``, ``login``, ``logout``: where tokens come from, and where they are stored."""

from __future__ import annotations

import io
import json
import sys
import types

import pytest

URL_VARIABLES = ("PEAK_IMAGES_URL", "PEAK_AUTH_TOKEN", "API_KEY")


@pytest.fixture
def without_environment(known_service, monkeypatch):
    """The local service, which the environment doesn't name."""
    for name in URL_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return known_service


@pytest.fixture
def login(run, monkeypatch):
    """Log in with a token on stdin."""

    def logging_in(token, *argv):
        monkeypatch.setattr(sys, "stdin", io.StringIO(token))
        return run("login", *argv)

    return logging_in


@pytest.fixture
def keyring(monkeypatch):
    """A package keyring with a backend that keeps tokens in memory."""
    stored = {}
    module = types.ModuleType("keyring")
    module.get_keyring = lambda: types.SimpleNamespace(priority=5)
    module.set_password = lambda service, name, token: stored.__setitem__((service, name), token)
    module.get_password = lambda service, name: stored.get((service, name))
    module.delete_password = lambda service, name: stored.pop((service, name))
    monkeypatch.setitem(sys.modules, "keyring", module)
    return stored


def test_whoami_shows_where_the_token_comes_from_by_one_call(done, known_service):
    shown = done("whoami")

    assert shown == {
        "service": known_service.url,
        "profile": None,
        "token": "PEAK_AUTH_TOKEN",
        "works": True,
        "images": 0,
    }
    assert len(known_service.requests) == 1


def test_whoami_with_an_invalid_token_exits_4(run, known_service, monkeypatch):
    monkeypatch.setenv("PEAK_AUTH_TOKEN", "wrong")

    ended = run("whoami")

    assert ended.code == 4
    assert ended.json["works"] is False
    assert "wrong" not in ended.out + ended.err


def test_login_stores_the_token_in_a_private_file(run, done, login, without_environment, home):
    ended = login(f"{without_environment.token}\n", "local", "--url", without_environment.url)

    assert ended.code == 0
    (path,) = home.rglob("credentials.json")
    assert str(path) in ended.err
    assert json.loads(path.read_text()) == {"local": without_environment.token}
    assert path.stat().st_mode & 0o077 == 0
    assert without_environment.token not in ended.out + ended.err
    assert done("list", "--profile", "local")["imageCount"] == 0
    assert done("list")["imageCount"] == 0  # the first profile is the default one
    assert done("whoami")["token"] == str(path)

    assert str(path) in run("logout", "local").err
    assert run("list").code == 4
    assert "no token is stored" in run("logout", "local").err


def test_login_stores_the_token_in_the_keyring_where_there_is_one(run, done, login, without_environment, keyring, home):
    ended = login(without_environment.token, "local", "--url", without_environment.url)

    assert "the system's keyring" in ended.err
    assert keyring == {("peak-images", "local"): without_environment.token}
    assert list(home.rglob("credentials.json")) == []
    assert done("whoami")["token"] == "the system's keyring"
    assert "the system's keyring" in run("logout").err
    assert keyring == {}


def test_login_falls_back_to_a_file_where_the_keyring_fails(login, without_environment, keyring, home, monkeypatch):
    def fail(*_):
        raise RuntimeError("locked")

    monkeypatch.setattr(sys.modules["keyring"], "set_password", fail)

    assert "credentials.json" in login(without_environment.token, "local", "--url", without_environment.url).err


def test_login_keeps_the_configuration_file(login, without_environment, home, tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('# mine\n[profiles.acme]\nstage = "prod"\n')

    assert login("secret", "acme", "--config", path).code == 0
    assert login("secret", "a b", "--stage", "dev", "--config", path).code == 0

    text = path.read_text()
    assert text.startswith('# mine\n[profiles.acme]\nstage = "prod"\n')
    assert '[profiles."a b"]\nstage = "dev"\n' in text


@pytest.mark.parametrize(
    ("argv", "token", "words"),
    [
        (["local", "--stage", "prod"], "", "the token is empty"),
        (["local", "--stage", "prod"], " \n", "the token is empty"),
        (["local"], "x", "there is no profile local in"),
        (["fixed"], "x", "has a token in"),
        (["plain", "--stage", "dev"], "x", "the profile plain exists"),
    ],
)
def test_invalid_login_is_an_error(login, without_environment, tmp_path, argv, token, words):
    path = tmp_path / "config.toml"
    path.write_text('[profiles.fixed]\ntoken = "a"\n[profiles.plain]\nstage = "prod"\n')
    path.chmod(0o600)

    ended = login(token, *argv, "--config", path)

    assert ended.code == 2
    assert words in ended.err


def test_login_asks_on_a_terminal_without_showing_the_token(terminal, known_service):
    asking = terminal("login", "local", "--url", known_service.url)
    asking.read_until("Token: ")

    asking.type("s3cret\n")

    assert asking.end() == 0
    assert "s3cret" not in asking.shown
