"""The table of ``pyproject.toml`` that describes a project's image."""

from __future__ import annotations

import os
from typing import Any

from peak_images._validation import reject_unknown_fields
from peak_images._values import validate_path
from peak_images.errors import InvalidInputError

TABLE = "tool.peak-images"


def read_project_table(directory: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the table ``[tool.peak-images]``; an empty one if there is none, or no ``pyproject.toml``.

    Its keys are fields of a body (``name``, ``type``, ``version``, …), and ``artifact`` has options of the artifact.

    Args:
        directory: Where ``pyproject.toml`` is.

    Raises:
        InvalidInputError: The file can't be read or isn't TOML, or the table is malformed or has an unknown key.
    """
    import tomllib  # imported here, since other calls don't need it

    path = validate_path("directory", directory) / "pyproject.toml"
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise InvalidInputError(str(path), f"can't be read: {error}") from error
    tool = project.get("tool")
    table = tool.get("peak-images", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict) or not isinstance(table.get("artifact", {}), dict):
        raise InvalidInputError(str(path), f"[{TABLE}] and [{TABLE}.artifact] must be tables")
    reject_unknown_fields(f"{path}: {TABLE}", table, "create_image", "create_version", "update_version", artifact={})
    return dict(table)
