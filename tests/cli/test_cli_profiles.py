"""Profiles and the configuration file."""

from __future__ import annotations

import os

import pytest

from peak_images_cli.profiles import EXAMPLE


@pytest.fixture
def configuration(home):
    """Write the user's own configuration file."""

    def writing(text: str, mode: int = 0o600):
        import platformdirs

        path = platformdirs.user_config_path("peak-images", appauthor=False) / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    return writing


@pytest.fixture
def two_tenants(service, configuration):
    return configuration(
        f"[profiles.acme]\nurl = '{service.url}'\ntoken_env = 'ACME_TOKEN'\n"
        f"[profiles.local]\nurl = '{service.url}'\ntoken = '{service.token}'\n"
    )


@pytest.mark.parametrize("argv", [["list", "--profile", "local"], ["--profile", "local", "list"]])
def test_profile_sets_service_and_token(run, service, two_tenants, argv):
    assert run(*argv).code == 0
    assert len(service.requests) == 1


def test_token_env_of_a_profile(run, service, two_tenants, monkeypatch):
    ended = run("list", "--profile", "acme")
    assert ended.code == 2
    assert "takes its token from ACME_TOKEN, which isn't set" in ended.err

    monkeypatch.setenv("ACME_TOKEN", service.token)
    assert run("list", "--profile", "acme").code == 0


def test_named_profile_overrides_environment(run, service, two_tenants, monkeypatch):
    monkeypatch.setenv("PEAK_AUTH_TOKEN", "another")
    monkeypatch.setenv("PEAK_IMAGES_PROFILE", "local")

    assert run("list").code == 0


def test_profile_of_the_command_overrides_the_global_one(run, service, two_tenants):
    assert run("--profile", "nobody", "list", "--profile", "local").code == 0


def test_profile_before_the_command_overrides_the_environment(run, service, two_tenants, monkeypatch):
    monkeypatch.setenv("PEAK_IMAGES_PROFILE", "nobody")
    assert run("--profile", "local", "list").code == 0
    assert run("list").code == 2


def test_config_before_the_command_is_that_of_profiles(done, configuration, tmp_path):
    configuration("[profiles.acme]\n")
    other = tmp_path / "other.toml"
    other.write_text("[profiles.other]\n")
    assert [row["name"] for row in done("--config", other, "profiles")["profiles"]] == ["other"]


def test_default_profile_without_environment(run, service, configuration, monkeypatch):
    configuration(f"default_profile = 'local'\n[profiles.local]\nurl = '{service.url}'\ntoken = '{service.token}'\n")
    assert run("list").code == 0

    monkeypatch.setenv("PEAK_AUTH_TOKEN", "another")
    monkeypatch.setenv("PEAK_IMAGES_URL", service.url)
    assert run("list").code == 4


def test_profile_that_conflicts_with_url_of_environment_is_an_error(run, known_service, configuration):
    configuration("[profiles.acme]\nstage = 'prod'\ntoken = 'secret'\n")

    ended = run("delete", 7, "--profile", "acme")

    assert ended.code == 2
    assert f"the profile acme is for prod, and PEAK_IMAGES_URL is {known_service.url}" in ended.err
    assert known_service.requests == []


def test_stage_conflicts_with_url_of_environment(run, known_service):
    ended = run("list", "--stage", "beta")

    assert ended.code == 2
    assert "unset PEAK_IMAGES_URL" in ended.err


def test_url_option_overrides_all(run, service, two_tenants, monkeypatch):
    monkeypatch.setenv("PEAK_AUTH_TOKEN", service.token)
    monkeypatch.setenv("PEAK_IMAGES_URL", "http://127.0.0.1:9")

    assert run("list", "--url", service.url).code == 0


def test_stage_selects_the_service(done, run):
    url = "https://service.beta.peak.ai/image-management/api/v2/images/7"
    assert done("--stage", "beta", "delete", 7, "--dry-run")["requests"][0]["url"] == url
    ended = run("delete", 7, "--dry-run", "--stage", "moon")
    assert ended.code == 2
    assert "'moon' is not a stage" in ended.err


def test_world_readable_configuration_warns(run, service, two_tenants):
    two_tenants.chmod(0o644)

    ended = run("list", "--profile", "local")

    assert ended.code == 0
    assert f"other users can read the tokens in {two_tenants}" in ended.err


@pytest.mark.parametrize("named", [False, True])
def test_listing_profiles(done, run, configuration, named, tmp_path, monkeypatch):
    monkeypatch.setenv("ACME_PEAK_TOKEN", "secret")
    path = configuration(EXAMPLE)
    options = ("--config", path) if named else ()

    shown = done("profiles", *options)

    assert shown == {
        "path": str(path),
        "exists": True,
        "profiles": [
            {"name": "acme", "where": "prod", "token": "ACME_PEAK_TOKEN (set)", "default": True},
            {"name": "local", "where": "http://127.0.0.1:8080", "token": "***", "default": False},
        ],
    }
    table = run("profiles", *options, "-o", "table")
    assert [line.split()[-1] for line in table.out.splitlines()] == ["DEFAULT", "yes", "no"]
    assert str(path) in table.err
    assert "local-token" not in table.out


def test_profiles_without_a_configuration_file(run, home):
    assert run("profiles").json["profiles"] == []
    assert run("profiles", "--example").out == EXAMPLE
    assert "--example shows" in run("profiles", "-o", "table").out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[profiles", "is not TOML"),
        ("profile = 'a'", "profile: no such key"),
        ("profiles = 1", "profiles is not a table"),
        ("[profiles]\na = 1", "profiles.a is not a table"),
        ("[profiles.a]\ntokens = 'x'", "profiles.a.tokens: no such key"),
        ("[profiles.a]\ntoken = 1", "profiles.a.token: not a text"),
        ("[profiles.a]\ntoken = 'x'\ntoken_env = 'y'", "both token and token_env"),
        ("[profiles.a]\nstage = 'dev'\nurl = 'y'", "both stage and url"),
        ("default_profile = 'b'\n[profiles.a]\n", "there is no profile 'b'"),
        ("[profiles.b]\n", "there is no profile 'a'"),
    ],
)
def test_invalid_configuration_is_an_error_that_names_the_key(run, configuration, text, words):
    configuration(text)

    ended = run("list", "--profile", "a")

    assert ended.code == 2
    assert words in ended.err
    assert ended.err.count("\n") == 1


def test_missing_configuration_file_is_an_error(run, tmp_path):
    ended = run("list", "--config", tmp_path / "none.toml")
    assert ended.code == 2
    assert "doesn't exist" in ended.err

    assert "can't be read" in run("list", "--config", tmp_path).err


def test_token_is_masked_in_repr():
    from peak_images_cli.profiles import Profile

    assert "secret" not in repr(Profile("a", token="secret"))
    assert os.environ.get("PEAK_AUTH_TOKEN") is None
