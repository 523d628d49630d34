"""The matcher of ignore patterns, on its own."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from e2b_dockerfile_utils import PatternMatcher

_NAME = "e2b_dockerfile_utils.dockerignore"


def pattern_matcher(patterns: list[str], *, backslash_is_separator: bool) -> PatternMatcher:
    """A matcher of patterns.

    Raises:
        ValueError: A pattern is malformed.
    """
    matcher: PatternMatcher = _module().PatternMatcher(patterns, backslash_is_separator=backslash_is_separator)
    return matcher


def _module() -> Any:
    # Its package loads a parser of Dockerfiles too, which takes longer than zipping most folders. So the module is
    # loaded without its package, under its own name: what loads the package later gets the same one.
    if _NAME not in sys.modules:
        package = PathFinder.find_spec(_NAME.partition(".")[0])
        spec = PathFinder.find_spec(_NAME, package.submodule_search_locations if package else None)
        if spec is None or spec.loader is None:
            raise ModuleNotFoundError(f"No module named {_NAME!r}", name=_NAME)
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[_NAME] = module
    return sys.modules[_NAME]
