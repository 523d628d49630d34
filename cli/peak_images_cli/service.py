"""The session and the client of a run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from peak_images_cli.exit_codes import CommandError
from peak_images_cli.options import ServiceOptions
from peak_images_cli.profiles import (
    TOKEN_VARIABLES,
    URL_VARIABLE,
    choose_profile,
    is_world_readable,
    read_configuration,
)
from peak_images_cli.terminal import warn

if TYPE_CHECKING:
    import peak_images as images


@contextmanager
def open_client(options: ServiceOptions) -> Iterator[images.Image]:
    """Open a client for the service that the options, the profile or the environment name.

    Raises:
        CommandError: The profile can't be used.
        images.ConfigurationError: There is no token, or no such service.
    """
    import peak_images as images

    with make_session(options) as session:
        yield images.get_client(session)


def make_session(options: ServiceOptions, *, token: str | None = None, **further: Any) -> images.Session:
    """Return a session with the service that the options, the profile or the environment name.

    Args:
        options: The options.
        token: A token in place of the profile's or the environment's.
        further: Further arguments of ``Session``.

    Raises:
        CommandError: The profile can't be used.
        images.ConfigurationError: There is no token, or no such service.
    """
    import peak_images as images

    pinned = os.environ.get(URL_VARIABLE)
    if options.stage and pinned and not options.url:
        # In the client the variable takes precedence; a given stage must not be ignored silently.
        raise CommandError(f"--stage {options.stage}, and {URL_VARIABLE} is {pinned}", f"unset {URL_VARIABLE}")
    profile = choose_profile(options.profile, options.config)
    if profile is None:
        return images.Session(token, options.stage, base_url=options.url, **further)
    if profile.token and is_world_readable(configuration := read_configuration(options.config)):
        warn(f"other users can read the tokens in {configuration.path}; chmod 600 it")
    # An option overrides the profile's stage or address.
    stage, url = (options.stage, options.url) if options.stage or options.url else (profile.stage, profile.url)
    return images.Session(token or profile.find_token(), stage, base_url=url, **further)


def known_tokens(options: ServiceOptions) -> set[str]:
    """Return the tokens that calls may use: those of the environment and of the profile."""
    profile = choose_profile(options.profile, options.config)
    tokens = [os.environ.get(name) for name in TOKEN_VARIABLES] + [profile.find_token() if profile else None]
    return {token for token in tokens if token}
