"""The settings of a service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from peak_images_local.storage.archive import ArchiveLimits

DEFAULT_TOKEN = "local-token"  # noqa: S105 - of a service that holds nothing
"""The default token."""

SIMULATE = "simulate"
"""The builder that simulates builds."""

ENGINES: dict[str, Sequence[str]] = {
    "docker": ("docker", "build"),
    "podman": ("podman", "build"),
    "buildah": ("buildah", "build"),
}
"""The engines that build, each with its command."""

MASK = "***"
"""The mask of secret values."""

BUILDERS = (SIMULATE, *ENGINES)


@dataclass(frozen=True)
class Settings:
    """The settings of a service.

    Attributes:
        token: The token that it accepts.
        any_token: Whether it accepts every token that isn't empty.
        build_seconds: How long a simulated build takes.
        delete_seconds: How long a deletion takes.
        max_artifact_size: The largest artifact, in bytes.
        limits: The maximum content of an artifact.
        builder: The build engine: `simulate` (nothing is run), `docker`, `podman` or `buildah`.
        seed: The seed of the builds' string ids; `None` for a random one.
        hosts: The names, besides those of the loopback, by which requests may address the service.
        is_on_network: Whether it listens on an address that other machines reach.
    """

    token: str
    any_token: bool
    build_seconds: float
    delete_seconds: float
    max_artifact_size: int
    limits: ArchiveLimits
    builder: str
    seed: int | None
    hosts: frozenset[str] = frozenset()
    is_on_network: bool = False
