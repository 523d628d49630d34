"""Redact secrets in the log, messages, dry runs and ``repr``.

The contract states which fields are secret (``format: password``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from peak_images._json_schema import resolve_ref

MASK: Final = "***"


def mask_token(text: str, token: str) -> str:
    """Return a text without the token, plain or escaped as in JSON."""
    return text.replace(token, MASK).replace(json.dumps(token)[1:-1], MASK)


def redact(value: Any, parent: str = "") -> Any:
    """Return a copy of JSON values with secrets and the queries of signed URLs masked.

    Args:
        value: The values.
        parent: The field that holds them.
    """
    rule = _rules().get(parent)
    if rule and rule.visible is not None:
        # A list of objects with a secret in each: a value of another form may be the secret itself.
        return [_redact_item(item, rule.visible) for item in value] if isinstance(value, list) else MASK
    if isinstance(value, list):
        return [redact(item, parent) for item in value]
    if not isinstance(value, dict):
        return value
    fields = rule.fields if rule else frozenset[str]()
    return {key: MASK if key in fields and item else _redact_field(key, item) for key, item in value.items()}


def is_secret(path: Sequence[str | int]) -> bool:
    """Whether the value of a field is secret."""
    names = ["", *(step for step in path if isinstance(step, str))]
    listed = (rule for name in names if (rule := _rules().get(name)) and rule.visible is not None)
    if rule := next(listed, None):
        return names[-1] not in (rule.visible or ())
    owner = _rules().get(names[-2]) if len(names) > 1 else None
    return owner is not None and names[-1] in owner.fields


class _Rule(NamedTuple):
    fields: frozenset[str]
    """The secret fields of an object."""

    visible: frozenset[str] | None
    """The other fields, where the objects are in a list."""


@cache
def _rules() -> dict[str, _Rule]:
    """By the field that holds an object with secrets, or a list of such objects."""
    from peak_images_api.operations import table

    schemas = table()["components"]["schemas"]
    rules = {}
    for parent, _ in table()["secrets"]:
        fields = frozenset(field for owner, field in table()["secrets"] if owner == parent)
        holders = (
            schema["properties"][parent] for schema in schemas.values() if parent in schema.get("properties", ())
        )
        holder: dict[str, Any] = next(holders, {})
        items = resolve_ref(holder.get("items", {}), schemas).get("properties", {})
        rules[parent] = _Rule(fields, frozenset(items) - fields if holder.get("type") == "array" else None)
    return rules


def _redact_item(item: Any, visible: frozenset[str]) -> Any:
    return {key: value if key in visible else MASK for key, value in item.items()} if isinstance(item, dict) else MASK


def _redact_field(key: str, value: Any) -> Any:
    if key == "downloadUrl" and isinstance(value, str):
        return value.partition("?")[0] + f"?{MASK}"
    return redact(value, key)
