"""What changed in the contract for a user of the library, and whether it breaks what worked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from specshift.differ import diff_specs

_VERBS = {"added": "Added", "removed": "Removed", "modified": "Changed"}


@dataclass(frozen=True)
class Change:
    """One change, with all the places that it shows in.

    Attributes:
        verb: ``Added``, ``Removed`` or ``Changed``.
        message: What changed, in words.
        places: Where, as operation and path to the field.
        breaks: Whether code or data that worked may not work any more.
    """

    verb: str
    message: str
    places: tuple[str, ...]
    breaks: bool

    def __str__(self) -> str:
        first, *others = self.places
        more = f", and {len(others)} more places" if len(others) > 1 else ", and one more place" if others else ""
        return f"- {self.verb}{' (**breaking**)' if self.breaks else ''}: {self.message} `{first}`{more}"


def find_changes(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """The changes from one contract to another, what breaks first."""
    grouped: dict[tuple[str, str, bool], list[str]] = {}
    for found in diff_specs(_without_unions(old), _without_unions(new)).changes:
        verb = _VERBS[found.change_type.value]
        # What is gone from a request is an argument that calls may give.
        breaks = found.severity.value == "breaking" or (verb == "Removed" and "parameter" in found.message.lower())
        # A change of a shared schema shows in every operation that uses it.
        key = (verb, found.message, breaks)
        grouped.setdefault(key, []).append(found.location)
    changes = _renamed_operations(old, new)
    changes += [Change(verb, message, tuple(places), breaks) for (verb, message, breaks), places in grouped.items()]
    return sorted(changes, key=lambda change: (not change.breaks, change.verb, change.places))


def _renamed_operations(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """An operation's name is a module of the generated layer, and specshift doesn't compare them."""
    names = [
        {
            f"{method.upper()} {path}": operation["operationId"]
            for path, item in contract["paths"].items()
            for method, operation in item.items()
            if isinstance(operation, dict) and "operationId" in operation
        }
        for contract in (old, new)
    ]
    return [
        Change("Changed", f"Operation renamed: '{name}' -> '{names[1][place]}'.", (place,), breaks=True)
        for place, name in names[0].items()
        if names[1].get(place, name) != name
    ]


def summary(old: dict[str, Any], new: dict[str, Any], changes: Iterable[Change]) -> str:
    """The changes as a section for the changelog."""
    before, after = old["info"]["version"], new["info"]["version"]
    lines = [str(change) for change in changes]
    if not lines:
        return f"Nothing changed for users since contract {before}."
    return "\n".join([f"### Contract {before} → {after}", "", *lines])


def needs_major_version(old: dict[str, Any], new: dict[str, Any], changes: Iterable[Change]) -> bool:
    """Whether something breaks and ``info.version`` doesn't say so."""
    major = [int(contract["info"]["version"].split(".")[0]) for contract in (old, new)]
    return any(change.breaks for change in changes) and major[1] <= major[0]


def _without_unions(node: Any) -> Any:
    """The contract with the members of a union as named fields: specshift doesn't look into unions."""
    if isinstance(node, list):
        return [_without_unions(item) for item in node]
    if not isinstance(node, dict):
        return node
    members = node.get("oneOf") or node.get("anyOf")
    if members and all(isinstance(member, dict) for member in members):
        references = [member for member in members if "$ref" in member]
        if len(members) == 2 and len(references) == 1 and {"type": "string"} in members:
            return references[0]  # an open enum: what changes is the enum
        fields = {f"({member.get('$ref', '').rsplit('/', 1)[-1] or n})": member for n, member in enumerate(members)}
        return {"type": "object", "properties": _without_unions(fields)}
    return {key: _without_unions(value) for key, value in node.items()}
