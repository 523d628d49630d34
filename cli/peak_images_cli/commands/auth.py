"""The commands about credentials: ``whoami``, ``login``, ``logout``, ``profiles``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Final

import click

from peak_images_cli import credentials, tables
from peak_images_cli.exit_codes import CommandError
from peak_images_cli.option_groups import Argument, command, flag, option, print_and_exit
from peak_images_cli.options import PATH, OutputOptions, ServiceOptions, inherit
from peak_images_cli.output import chosen_type, show
from peak_images_cli.profiles import (
    EXAMPLE,
    TOKEN_VARIABLES,
    Configuration,
    Profile,
    add_profile,
    choose_profile,
    read_configuration,
)
from peak_images_cli.service import open_client
from peak_images_cli.terminal import echo_err

_COLUMNS: Final = ("name", "service", "token", "default")

_NAME: Final = Argument("name", "PROFILE", "The profile (default: the default one)")


class WhoamiOptions(OutputOptions, ServiceOptions):
    """Options of ``whoami``."""


class ProfilesOptions(OutputOptions):
    """Options of ``profiles``."""

    config: Path | None = option(
        "FILE", "The configuration file", type=PATH, envvar="PEAK_IMAGES_CONFIG", callback=inherit
    )
    example: bool = flag("Print an example of the file and exit", **print_and_exit(lambda _: EXAMPLE))


@command()
def whoami(options: WhoamiOptions) -> None:
    """Show the service, where the token comes from, and whether it works, by one call.

    Examples:
        peak-images whoami
        peak-images whoami --profile acme
        peak-images whoami --stage dev -o json
    """
    profile = choose_profile(options.profile, options.config)
    with open_client(options) as client:
        result: dict[str, Any] = {
            "service": client.session.base_url,
            "profile": profile.name if profile else None,
            "token": _token_source(profile),
            "works": False,
        }
        try:
            page = client.list_images(page_size=1, return_iterator=False)
            result |= {"works": True, "images": page.get("imageCount")}
        finally:
            # Also shown if the call fails.
            show(result, options, lambda: tables.fields_table(result))


@command(_NAME)
def login(options: ServiceOptions, name: str | None) -> None:
    """Store the token of a profile: in the system's keyring if its package is installed, else in a private file.

    On a terminal it prompts for the token, otherwise it reads stdin. A profile that doesn't exist is created, with
    --stage or --url.

    Examples:
        peak-images login acme --stage prod
        peak-images login local --url http://127.0.0.1:8080
        peak-images login acme < token.txt
    """
    configuration, name = _named(options, name)
    known = configuration.profiles.get(name)
    if known and (known.token or known.token_env):
        raise CommandError(f"the profile {name} has a token in {configuration.path}", "remove it there first")
    if not known and not (options.stage or options.url):
        raise CommandError(f"there is no profile {name} in {configuration.path}", "--stage or --url makes one")
    if known and (options.stage or options.url):
        raise CommandError(f"the profile {name} exists", f"its stage or url stands in {configuration.path}")
    is_terminal = sys.stdin.isatty()
    token = str(click.prompt("Token", hide_input=True, err=True) if is_terminal else sys.stdin.read())
    if not token.strip():
        raise CommandError("the token is empty", f"pipe it in: peak-images login {name} < token.txt")
    if not known:
        add_profile(configuration, Profile(name, stage=options.stage, url=options.url))
        echo_err(f"profile {name}: added to {configuration.path}")
    where = credentials.store_token(name, token.strip(), configuration.path.parent)
    echo_err(f"profile {name}: the token is stored in {where}; 'peak-images whoami --profile {name}' checks it")


@command(_NAME)
def logout(options: ServiceOptions, name: str | None) -> None:
    """Remove the token that login stored for a profile. The profile stays.

    Examples:
        peak-images logout
        peak-images logout acme
        peak-images logout acme --config config.toml
    """
    configuration, name = _named(options, name)
    removed = credentials.remove_token(name, configuration.path.parent)
    what = f"the token was removed from {' and '.join(removed)}" if removed else "no token is stored"
    echo_err(f"profile {name}: {what}")


@command()
def profiles(options: ProfilesOptions) -> None:
    """List the profiles, and the path of the configuration file.

    A profile that is named by --profile or PEAK_IMAGES_PROFILE overrides the environment's token and address; the
    file's default_profile is used only where the environment has none of PEAK_AUTH_TOKEN, API_KEY, PEAK_IMAGES_URL.

    Examples:
        peak-images profiles
        peak-images profiles --example
        peak-images profiles --config config.toml -o json
    """
    found = read_configuration(options.config)
    rows: list[dict[str, Any]] = [
        {
            "name": profile.name,
            "where": profile.url or profile.stage,
            "token": "***" if profile.token else _token_source(profile),
            "default": profile.name == found.default_profile,
        }
        for profile in found.profiles.values()
    ]
    shown = [{**row, "service": row["where"]} for row in rows]
    show(
        {"path": str(found.path), "exists": found.path.exists(), "profiles": rows},
        options,
        lambda: tables.rows_table(shown, _COLUMNS) if rows else "No profiles; --example shows how to write one.",
    )
    if chosen_type(options) == "table":
        echo_err(f"configuration file: {found.path}")


def _named(options: ServiceOptions, profile: str | None) -> tuple[Configuration, str]:
    configuration = read_configuration(options.config, may_be_missing=True)
    return configuration, profile or options.profile or configuration.default_profile or "default"


def _token_source(profile: Profile | None) -> str:
    if profile is not None:
        if profile.token_env:
            return f"{profile.token_env} ({'set' if os.environ.get(profile.token_env) else 'not set'})"
        if profile.token:
            return "the configuration file"
        if stored := credentials.stored_token(profile.name, profile.directory):
            return stored[1]
    variable = next((name for name in TOKEN_VARIABLES if os.environ.get(name)), None)
    return variable or "from the environment"
