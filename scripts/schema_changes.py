"""Compare schemas in one direction: a request may become less strict, a response more strict, without a break."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeVar

from contract_document import resolve

Key = TypeVar("Key")

TEXTS = frozenset(
    {"title", "summary", "description", "example", "examples", "externalDocs", "$comment", "x-codeSamples"}
)
PUBLIC_NAMES = {"x-python-name": "Python name", "x-cli-name": "command-line name", "x-pagination": "pagination"}
"""Hints that users see: a changed value changes a name in their code."""

_STRUCTURE = ("$ref", "allOf", "anyOf", "oneOf", "properties", "required", "items", "additionalProperties", "x-final")
_AT_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_AT_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_OTHER_BOUNDS = ("pattern", "multipleOf", "uniqueItems")


class Impact(IntEnum):
    """How much of ``info.version`` a change needs."""

    TEXT = 0
    ADDITION = 1
    BREAKING = 2


TEXT, ADDITION, BREAKING = Impact.TEXT, Impact.ADDITION, Impact.BREAKING
Note = Callable[[str, str, Impact], None]
"""A function that records a change: the kind (``Added``, …), what changed, and its impact."""


def different(old: Mapping[str, Any], new: Mapping[str, Any], ignored: tuple[str, ...] = ()) -> list[str]:
    """Return the keys whose values differ, in the order of the new one, then of the old one."""
    return [key for key in dict.fromkeys([*new, *old]) if key not in ignored and old.get(key) != new.get(key)]


def short(value: Any) -> str:
    """Return a value as a line of the summary shows it."""
    text = value if isinstance(value, str) else "none" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"


def renames(old: Mapping[Key, Any], new: Mapping[Key, Any]) -> dict[Key, Key]:
    """Return the renamed entries: removed ones with the shape of an added one, if no other entry has that shape."""
    before = {key: shape(value) for key, value in old.items() if key not in new}
    after = {key: shape(value) for key, value in new.items() if key not in old}
    unique = [[*before.values()].count(one) == 1 == [*after.values()].count(one) for one in before.values()]
    names = {one: key for key, one in after.items()}
    return {key: names[one] for (key, one), only in zip(before.items(), unique, strict=True) if only}


def shape(node: Any) -> str:
    """Return a schema or a parameter without its name and its descriptions."""
    return json.dumps(_without_texts(node), sort_keys=True)


def _without_texts(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_texts(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if key not in TEXTS | {"name", "x-python-name", "x-cli-name"}}
    fields = {name: _without_texts(value) for name, value in node.get("properties", {}).items()}
    return {key: fields if key == "properties" else _without_texts(value) for key, value in kept.items()}


@dataclass
class _Object:
    """A schema with the additions of ``allOf``: its fields, each with the name of the schema that declares it."""

    fields: dict[str, tuple[str, Any]] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    keywords: dict[str, Any] = field(default_factory=dict)


@dataclass
class SchemaDiffer:
    """A comparison of schemas of two contracts.

    Attributes:
        old_contract: What the old schema's references refer to.
        new_contract: What the new schema's references refer to.
        sent: Whether it is about what is sent; else it is about what is received.
        note: Called with each change.
    """

    old_contract: dict[str, Any]
    new_contract: dict[str, Any]
    sent: bool
    note: Note
    _seen: set[tuple[str, str, bool]] = field(default_factory=set)

    def compare(self, old: Any, new: Any, label: str, *, is_open: bool = False) -> None:
        """Note what changed from one schema to the other.

        Args:
            old: The old schema.
            new: The new schema.
            label: What it belongs to, for the messages; a named schema's name takes its place.
            is_open: Whether other values than the listed ones are allowed too.
        """
        if not isinstance(old, dict) or not isinstance(new, dict):
            if old != new:
                self.note(
                    "Changed", f"schema of {label}, {short(old)} to {short(new)}", self._either(BREAKING, ADDITION)
                )
            return
        if "$ref" in old and "$ref" in new:
            for key in different(old, new, ("$ref",)):
                self._compare_keyword(key, old.get(key), new.get(key), label)
            pair = (old["$ref"], new["$ref"], is_open)
            if pair in self._seen:
                return
            self._seen.add(pair)
            label = f"`{_name(new)}`"
        unions = bool(_members(self.old_contract, old)), bool(_members(self.new_contract, new))
        if any(unions):
            self._compare_members(old, new, label)
        if any(unions) and not all(unions):
            return  # the schema without alternatives is compared as a member
        before, after = self._flat(self.old_contract, old, label), self._flat(self.new_contract, new, label)
        self._compare_values(before.keywords, after.keywords, label, is_open=is_open)
        for key in different(before.keywords, after.keywords, (*_STRUCTURE, "enum")):
            self._compare_keyword(key, before.keywords.get(key), after.keywords.get(key), label)
        self._compare_fields(before, after)
        self._compare_nested(before.keywords, after.keywords, label)

    def field_names(self, contract: dict[str, Any], node: Any) -> set[str]:
        """Return the names of an object's fields."""
        return set(self._flat(contract, node, "").fields)

    def _either(self, sent: Impact, received: Impact) -> Impact:
        return sent if self.sent else received

    def _flat(self, contract: dict[str, Any], node: Any, owner: str) -> _Object:
        found = _Object()
        if isinstance(node, dict) and "$ref" in node:
            owner = _name(node)
            node = resolve(contract, {"$ref": node["$ref"]})  # keys beside a reference are compared where they are
        owner = owner.rpartition(" ")[2].strip("`")
        for part in node.get("allOf", ()):
            inner = self._flat(contract, part, owner)
            found.fields |= inner.fields
            found.required |= inner.required
            found.keywords |= {key: value for key, value in inner.keywords.items() if key not in TEXTS}
        found.fields |= {name: (owner, described) for name, described in node.get("properties", {}).items()}
        found.required |= set(node.get("required", ()))
        found.keywords |= node
        return found

    def _compare_members(self, old: Any, new: Any, label: str) -> None:
        before = _by_name(_members(self.old_contract, old) or [old])
        after = _by_name(_members(self.new_contract, new) or [new])
        for name in (name for name in before if name not in after):
            self.note("Removed", f"member `{name}` of {label}", BREAKING)
        is_open = any(member.get("type") == "string" and "enum" not in member for member in after.values())
        for name, member in after.items():
            if name not in before:
                known = (
                    is_open and "string" in before and isinstance(resolve(self.new_contract, member).get("enum"), list)
                )
                self.note(
                    "Added", f"member `{name}` of {label}", ADDITION if known else self._either(ADDITION, BREAKING)
                )
        for name, member in before.items():
            if name in after:
                self.compare(member, after[name], f"member `{name}` of {label}", is_open=is_open)

    def _compare_fields(self, before: _Object, after: _Object) -> None:
        old = {name: described for name, (_, described) in before.fields.items()}
        new = {name: described for name, (_, described) in after.fields.items()}
        renamed = renames(old, new)
        for name, (owner, _) in before.fields.items():
            if name in renamed:
                self.note("Renamed", f"field `{owner}.{name}` to `{renamed[name]}`", BREAKING)
            elif name not in new:
                self.note("Removed", f"field `{owner}.{name}`", BREAKING)
        for name, (owner, described) in after.fields.items():
            label, required = f"field `{owner}.{name}`", name in after.required
            if name in old:
                if required != (name in before.required):
                    loses = required if self.sent else not required
                    text = f"{label} is {'now' if required else 'no longer'} required"
                    self.note("Changed", text, BREAKING if loses else ADDITION)
                self.compare(old[name], described, label)
            elif name not in renamed.values():
                breaks = required and self.sent
                self.note("Added", f"{'required ' * breaks}{label}", BREAKING if breaks else ADDITION)

    def _compare_nested(self, old: Mapping[str, Any], new: Mapping[str, Any], label: str) -> None:
        for key, words in (("items", "items"), ("additionalProperties", "values")):
            before, after = old.get(key, True), new.get(key, True)
            if before != after or "$ref" in json.dumps(after):
                self.compare(before, after, f"{words} of {label}")

    def _compare_values(self, old: Mapping[str, Any], new: Mapping[str, Any], label: str, *, is_open: bool) -> None:
        before, after = old.get("enum"), new.get("enum")
        if (before is None) != (after is None):
            text = f"only {short(after)} allowed for" if after else "no longer a list of allowed values for"
            breaks = self._either(BREAKING, ADDITION) if after else self._either(ADDITION, BREAKING)
            self.note("Changed", f"{text} {label}", breaks)
        for value in before or ():
            if after is not None and value not in after:
                self.note("Removed", f"value `{short(value)}` of {label}", BREAKING)
        for value in after or ():
            if before is not None and value not in before:
                received = ADDITION if is_open else BREAKING
                self.note("Added", f"value `{short(value)}` of {label}", self._either(ADDITION, received))
        self._compare_final(old, new, label)

    def _compare_final(self, old: Mapping[str, Any], new: Mapping[str, Any], label: str) -> None:
        before, after = old.get("x-final", ()), new.get("x-final", ())
        for value in dict.fromkeys([*after, *before]):
            if (value in before) != (value in after):
                known = value in old.get("enum", ()) and value in new.get("enum", ()) and "x-final" in old
                text = f"value `{value}` of {label} is {'final' if value in after else 'no longer final'}"
                self.note("Changed", text, BREAKING if known else ADDITION)

    def _compare_discriminator(self, before: Mapping[str, Any], after: Mapping[str, Any], label: str) -> None:
        if _is_other_discriminator(before, after):
            self.note("Changed", f"discriminator of {label}, {short(before)} to {short(after)}", BREAKING)
        elif ("mapping" in before) != ("mapping" in after):
            self.note("Changed", f"mapping of the discriminator of {label}", ADDITION)

    def _compare_keyword(self, key: str, before: Any, after: Any, label: str) -> None:
        change = f"{key} of {label}, {short(before)} to {short(after)}"
        if key in TEXTS:
            self.note("Changed", f"{key} of {label}", TEXT)
        elif key == "deprecated":
            self.note("Deprecated" if after else "No longer deprecated", label, ADDITION)
        elif key == "format" and "password" in (before, after):
            self.note("Changed", f"{label} is {'now' if after == 'password' else 'no longer'} a secret", ADDITION)
        elif key == "default" or (key.startswith("x-") and key not in PUBLIC_NAMES):
            self.note("Changed", change, ADDITION)
        elif key == "type":
            allowed, was = _types(after), _types(before)
            wider = was <= allowed if self.sent else allowed <= was
            self.note("Changed", change, ADDITION if wider else BREAKING)
        elif key in (*_AT_LEAST, *_AT_MOST, *_OTHER_BOUNDS):
            self.note(
                "Changed", change, self._either(BREAKING if _is_tighter(key, before, after) else ADDITION, ADDITION)
            )
        elif key == "discriminator":
            self._compare_discriminator(before or {}, after or {}, label)
        elif key in ("const", "format"):
            self.note("Changed", change, BREAKING)
        else:
            name = PUBLIC_NAMES.get(key, key)
            self.note("Changed", change.replace(key, name, 1), self._either(BREAKING, ADDITION))


def _name(node: Mapping[str, Any]) -> str:
    return str(node["$ref"]).rpartition("/")[2]


def _members(contract: dict[str, Any], node: Any) -> list[Any]:
    node = resolve(contract, node)
    return [*node.get("oneOf", ()), *node.get("anyOf", ())]


def _by_name(members: list[Any]) -> dict[str, Any]:
    """Return the members by their schema's name; unnamed ones by what distinguishes them."""
    named = {}
    for member in members:
        plain = next((member[key] for key in ("title", "const", "enum", "type") if key in member), shape(member))
        named[_name(member) if "$ref" in member else short(plain)] = member
    return named


def _is_other_discriminator(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Return whether members are distinguished differently; added and removed members are reported separately."""
    mapping, other = before.get("mapping", {}), after.get("mapping", {})
    kept = [value for value, target in mapping.items() if value in other or target in other.values()]
    moved = any(other.get(value) != mapping[value] for value in kept)
    return moved or before.get("propertyName") != after.get("propertyName")


def _types(value: Any) -> set[str]:
    if value is None:
        return {"null", "boolean", "integer", "number", "string", "array", "object"}
    types = {value} if isinstance(value, str) else set(value)
    return types | {"integer"} if "number" in types else types


def _is_tighter(key: str, before: Any, after: Any) -> bool:
    if after is None or after is False:
        return False
    if before is None or key in _OTHER_BOUNDS:
        return True
    return bool(after > before if key in _AT_LEAST else after < before)


def iter_references(node: Any) -> Iterator[str]:
    """Yield the names of the schemas that a node refers to."""
    if isinstance(node, dict):
        if str(node.get("$ref", "")).startswith("#/components/schemas/"):
            yield _name(node)
        for value in node.values():
            yield from iter_references(value)
    elif isinstance(node, list):
        for item in node:
            yield from iter_references(item)
