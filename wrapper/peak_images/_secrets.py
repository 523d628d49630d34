"""Redact secrets in the log, messages, dry runs and ``repr``.

The contract states which fields are secret (``format: password``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final
from urllib.parse import unquote_plus

from peak_images._json_schema import resolve_ref
from peak_images_api.operations import table

MASK: Final = "***"


_MIN_TOKEN: Final = 4
"""Minimum length of a masked token: a shorter one, such as ``t`` in a test, is part of many words."""


def mask_token(text: str, token: str) -> str:
    """Return a text without the token, plain or escaped as in JSON. A token of less than 4 characters stays."""
    if len(token) < _MIN_TOKEN:
        return text
    return text.replace(token, MASK).replace(json.dumps(token)[1:-1], MASK)


def redact(value: Any, parent: str = "") -> Any:
    """Return a copy of JSON values with secrets and the queries of signed URLs masked.

    Args:
        value: The values.
        parent: The field that holds them.
    """
    if isinstance(value, list):
        return [redact(item, parent) for item in value]
    if isinstance(value, dict):
        return {key: MASK if item and _hides(parent, key) else redact(item, key) for key, item in value.items()}
    if parent == "downloadUrl" and isinstance(value, str):
        return value.partition("?")[0] + f"?{MASK}"
    return MASK if _lists_secrets(parent) else value


def redact_url(url: str) -> str:
    """Return an address with the secrets in its query masked."""
    return re.sub(
        r"(?<=[?&])([^&=]*)=[^&]*",
        lambda pair: f"{pair[1]}={MASK}" if unquote_plus(pair[1]) in _secret_parameters() else pair[0],
        url,
    )


@cache
def _secret_parameters() -> frozenset[str]:
    """Return the names of the parameters in queries that are secret."""
    parameters = [parameter for one in table()["operations"].values() for parameter in one["parameters"]]
    return frozenset(one["name"] for one in parameters if one["secret"] and one["place"] == "query")


def is_secret(path: Sequence[str | int]) -> bool:
    """Return whether the value of a field is secret."""
    names = ["", *(step for step in path if isinstance(step, str))]
    return _lists_secrets(names[-1]) or any(map(_hides, names, names[1:]))


def _hides(parent: str, field: str) -> bool:
    visible = _visible_fields().get(parent)
    return [parent, field] in table()["secrets"] if visible is None else field not in visible


def _lists_secrets(field: str) -> bool:
    """Whether a field is a list of objects with a secret in each: a value of another form may be the secret itself."""
    return field in _visible_fields()


@cache
def _visible_fields() -> dict[str, frozenset[str]]:
    """Return the fields that aren't secret where others are, by the field that holds a list of such objects."""
    schemas, secrets = table()["components"]["schemas"], table()["secrets"]
    visible: dict[str, frozenset[str]] = {}
    for name, holder in (item for schema in schemas.values() for item in schema.get("properties", {}).items()):
        if holder.get("type") == "array" and any(name == parent for parent, _ in secrets):
            fields = resolve_ref(holder.get("items", {}), schemas).get("properties", {})
            visible[name] = frozenset(field for field in fields if [name, field] not in secrets)
    return visible
