"""Check ``info.version`` against the changes of the contract."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from contract_changes import Change
from schema_changes import Impact

_REASONS = {
    Impact.TEXT: "only texts changed",
    Impact.ADDITION: "there are additions",
    Impact.BREAKING: "a change breaks what worked",
}


class VersionError(Exception):
    """``info.version`` isn't one that the changes allow.

    Attributes:
        impact: The part of the version that the changes raise.
    """

    def __init__(self, message: str, impact: Impact = Impact.BREAKING) -> None:
        super().__init__(message)
        self.impact = impact


def check_version(old: Mapping[str, Any], new: Mapping[str, Any], changes: Iterable[Change]) -> None:
    """Check the new contract's version: the next major one for a break, the next minor one for an addition.

    Changed descriptions may keep the version. A higher part may be raised than necessary, but only to the next number.

    Args:
        old: The contract as of the last release.
        new: The contract.
        changes: What changed between them.

    Raises:
        VersionError: It isn't one of those. The message names the expected version.
    """
    before, after = (_parse(contract["info"]["version"]) for contract in (old, new))
    major, minor, patch = before
    impact = max((change.impact for change in changes), default=Impact.TEXT)
    following = {Impact.BREAKING: (major + 1, 0, 0), Impact.ADDITION: (major, minor + 1, 0)}
    following[Impact.TEXT] = (major, minor, patch + 1)
    allowed = [version for kind, version in following.items() if kind >= impact]
    if impact is Impact.TEXT:
        allowed.append(before)
    if after in allowed:
        return
    wanted, given, released = (_format(one) for one in (following[impact], after, before))
    if after < before:
        raise VersionError(f"info.version: {given} is older than the released {released}; set it to {wanted}")
    raise VersionError(f"info.version: {_REASONS[impact]} since {released}, so {given} must be {wanted}", impact)


def _parse(text: Any) -> tuple[int, int, int]:
    match = re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", str(text))
    if match is None:
        raise VersionError(f"info.version: {text!r} isn't a version like 1.2.3")
    major, minor, patch = (int(part) for part in match.groups())
    return major, minor, patch


def _format(version: tuple[int, int, int]) -> str:
    return ".".join(map(str, version))
