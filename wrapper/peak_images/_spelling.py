"""Fields that the contract doesn't know and that look like one it does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from peak_images._requests import body_schema, resolved
from peak_images._warning import warn_caller
from peak_images.errors import UnknownFieldWarning

_ALIKE: Final = 0.8
"""How alike two names are, from 0 to 1, of which one is taken for a misspelling of the other."""


def warn_of_misspellings(operation: str, fields: Mapping[str, Any]) -> None:
    """Warn of fields of a form that would have no effect, and were meant to.

    What the contract doesn't know is sent as it is, since the service may know it already.

    Args:
        operation: The operation.
        fields: The fields of its form, checked.
    """
    form = body_schema(operation)
    details = resolved(form)["properties"]["buildDetails"]
    for where, names, schema in (("body", fields, form), ("body.buildDetails", fields.get("buildDetails"), details)):
        if not isinstance(names, Mapping):
            continue
        known = set(_known(schema))
        for name in [name for name in names if name not in known]:
            if meant := _alike(name, known):
                problem = f"{where}.{name}: not a known field; did you mean {meant!r}? It is sent as it is"
                warn_caller(problem, UnknownFieldWarning)


def _known(schema: dict[str, Any]) -> Iterator[str]:
    schema = resolved(schema)
    yield from schema.get("properties", {})
    parts = [schema[key] for key in ("if", "then", "else") if key in schema]
    for part in (*parts, *(one for key in ("allOf", "anyOf", "oneOf") for one in schema.get(key, ()))):
        yield from _known(part)


def _alike(name: str, known: set[str]) -> str | None:
    from difflib import get_close_matches

    by_form = {one.lower(): one for one in sorted(known)}
    found = get_close_matches(re.sub(r"[_-]", "", name).lower(), by_form, n=1, cutoff=_ALIKE)
    return by_form[found[0]] if found else None
