"""Semantic versions: the check, and the next patch."""

from __future__ import annotations

import re

_NUMBER = r"(?:0|[1-9][0-9]*)"
_PRE_RELEASE = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_BUILD = r"[0-9A-Za-z-]+"
_SEMVER = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-{_PRE_RELEASE}(?:\.{_PRE_RELEASE})*)?(?:\+{_BUILD}(?:\.{_BUILD})*)?"
)

FIRST_VERSION = "0.0.1"
"""The version of an image that is created without one."""


def is_semver(text: str) -> bool:
    """Whether `text` is a semantic version (2.0.0)."""
    return _SEMVER.fullmatch(text) is not None


def next_patch(text: str) -> str:
    """The release after `text`: its patch plus one, without what follows (`0.0.1-python3.12` gives `0.0.2`)."""
    match = _SEMVER.fullmatch(text)
    if match is None:
        return FIRST_VERSION
    # Python refuses to read numbers of more than 4,300 digits; nothing sensible comes near.
    major, minor, patch = match.groups()
    return f"{major}.{minor}.{int(patch[-4000:]) + 1}"
