"""Profiles: several tenants, stages or services, by name, in one configuration file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from peak_images_cli.credentials import stored_token, write_private
from peak_images_cli.exit_codes import CommandError

TOKEN_VARIABLES: Final = ("PEAK_AUTH_TOKEN", "API_KEY")
URL_VARIABLE: Final = "PEAK_IMAGES_URL"
CONFIG_VARIABLE: Final = "PEAK_IMAGES_CONFIG"

EXAMPLE: Final = """\
default_profile = "acme"          # used unless the environment has a token or an address

[profiles.acme]
stage = "prod"
token_env = "ACME_PEAK_TOKEN"     # the variable of the environment that holds the token

[profiles.local]
url = "http://127.0.0.1:8080"
token = "local-token"             # or the token itself; then only you should be able to read this file
"""

_KEYS: Final = ("token", "token_env", "stage", "url")


@dataclass(frozen=True)
class Profile:
    """The address of a service, and the credentials for it.

    Attributes:
        name: Its name.
        token: The token.
        token_env: The variable of the environment that has the token.
        stage: The stage.
        url: The root of the service, in place of a stage's.
        directory: The directory of the configuration file.
    """

    name: str
    token: str | None = field(default=None, repr=False)
    token_env: str | None = None
    stage: str | None = None
    url: str | None = None
    directory: Path = field(default=Path(), repr=False)

    def find_token(self) -> str | None:
        """Return the token of the profile, if it has one.

        Raises:
            CommandError: The variable that has the token isn't set.
        """
        if self.token_env is None:
            stored = None if self.token else stored_token(self.name, self.directory)
            return stored[0] if stored else self.token
        token = os.environ.get(self.token_env)
        if not token:
            raise CommandError(f"the profile {self.name} takes its token from {self.token_env}, which isn't set")
        return token


@dataclass(frozen=True)
class Configuration:
    """The contents of a configuration file.

    Attributes:
        path: The file.
        profiles: The profiles, by name.
        default_profile: The name of the one to use if the environment has no token and no address.
    """

    path: Path
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    default_profile: str | None = None

    def profile(self, name: str) -> Profile:
        """Return a profile by its name.

        Raises:
            CommandError: There is none.
        """
        if name not in self.profiles:
            known = ", ".join(self.profiles) or "none"
            raise CommandError(f"there is no profile {name!r} in {self.path}", f"profiles there: {known}")
        return self.profiles[name]


def read_configuration(path: Path | None, *, may_be_missing: bool = False) -> Configuration:
    """Read a configuration file.

    Args:
        path: The file (default: the user's own, which needn't exist).
        may_be_missing: Whether a given file needn't exist either.

    Raises:
        CommandError: It can't be read, or is invalid.
    """
    named = path or (Path(variable) if (variable := os.environ.get(CONFIG_VARIABLE)) else None)
    where = named or _own_path()
    try:
        text = where.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        if named is None or may_be_missing:
            return Configuration(where)
        raise CommandError(f"the configuration file {where} doesn't exist") from error
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"the configuration file {where} can't be read: {error}") from error
    import tomllib

    try:
        return _parsed(where, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise CommandError(f"{where} is not TOML: {error}", "'peak-images profiles --example' prints one") from error


def choose_profile(name: str | None, path: Path | None) -> Profile | None:
    """Return the profile to use: the one named, else the default one unless the environment has a token or an address.

    Args:
        name: The name, if one was given.
        path: The configuration file, if one was given.

    Raises:
        CommandError: There is no such profile, or it and ``PEAK_IMAGES_URL`` name different services.
    """
    configuration = read_configuration(path)
    if name is None:
        is_named = any(os.environ.get(variable) for variable in (*TOKEN_VARIABLES, URL_VARIABLE))
        default = configuration.default_profile
        return None if is_named or default is None else configuration.profile(default)
    profile = configuration.profile(name)
    url = os.environ.get(URL_VARIABLE)
    wanted = profile.url or profile.stage
    # Otherwise the token of one service would be sent to another.
    if url and wanted and url.rstrip("/") != wanted.rstrip("/"):
        raise CommandError(f"the profile {name} is for {wanted}, and {URL_VARIABLE} is {url}", f"unset {URL_VARIABLE}")
    return profile


def add_profile(configuration: Configuration, profile: Profile) -> None:
    """Add a profile to the configuration file; the first one is the default.

    Raises:
        CommandError: The file can't be written.
    """
    try:
        text = configuration.path.read_text(encoding="utf-8-sig")
    except OSError:
        text = f"default_profile = {json.dumps(profile.name)}\n"
    lines = ["", f"[profiles.{json.dumps(profile.name)}]"]
    lines += [f"{key} = {json.dumps(value)}" for key in ("stage", "url") if (value := getattr(profile, key))]
    write_private(configuration.path, "\n".join((text.rstrip("\n"), *lines, "")))


def is_world_readable(configuration: Configuration) -> bool:
    """Return whether other users of the machine can read tokens in the configuration file."""
    if os.name != "posix" or all(profile.token is None for profile in configuration.profiles.values()):
        return False
    return bool(configuration.path.stat().st_mode & 0o077)


def _own_path() -> Path:
    import platformdirs

    return platformdirs.user_config_path("peak-images", appauthor=False) / "config.toml"


def _parsed(path: Path, document: Mapping[str, Any]) -> Configuration:
    for key in document:
        if key not in ("default_profile", "profiles"):
            raise CommandError(f"{path}: {key}: no such key", "allowed: default_profile, profiles")
    tables = document.get("profiles", {})
    if not isinstance(tables, dict):
        raise CommandError(f"{path}: profiles is not a table", "write [profiles.NAME]")
    default = document.get("default_profile")
    if default is not None and default not in tables:
        raise CommandError(f"{path}: default_profile: there is no profile {default!r}")
    return Configuration(path, {name: _profile(path, name, table) for name, table in tables.items()}, default)


def _profile(path: Path, name: str, table: Any) -> Profile:
    if not isinstance(table, dict):
        raise CommandError(f"{path}: profiles.{name} is not a table", f"write [profiles.{name}]")
    for key, value in table.items():
        if key not in _KEYS:
            raise CommandError(f"{path}: profiles.{name}.{key}: no such key", f"allowed: {', '.join(_KEYS)}")
        if not isinstance(value, str) or not value:
            raise CommandError(f"{path}: profiles.{name}.{key}: not a text")
    for one, other in (("token", "token_env"), ("stage", "url")):
        if one in table and other in table:
            raise CommandError(f"{path}: profiles.{name} has both {one} and {other}", "one of them is enough")
    return Profile(name, **table, directory=path.parent)
