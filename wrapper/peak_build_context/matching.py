"""The matcher of ignore patterns, on its own."""

from __future__ import annotations

import sys
import warnings
from _thread import allocate_lock  # threading takes longer to load than the matcher
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from e2b_dockerfile_utils import PatternMatcher

_NAME: Final = "e2b_dockerfile_utils.dockerignore"
_filtering = allocate_lock()


def pattern_matcher(patterns: list[str], *, backslash_is_separator: bool) -> PatternMatcher:
    """A matcher of patterns.

    Raises:
        ValueError: A pattern is malformed.
    """
    make = _module().PatternMatcher
    if not any("[" in pattern for pattern in patterns):
        return cast("PatternMatcher", make(patterns, backslash_is_separator=backslash_is_separator))
    # What Python's re may one day mean by "[[" is of no concern to a build. Filters of warnings are the process's: so
    # they are left alone where there is nothing to warn of, and changed by one thread at a time.
    with _filtering, warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return cast("PatternMatcher", make(patterns, backslash_is_separator=backslash_is_separator))


@cache
def _module() -> Any:
    # Its package loads a parser of Dockerfiles too, which takes longer than zipping most directories. So the module is
    # loaded without its package, and known here only: whoever imports the package gets all of it.
    if _NAME in sys.modules:
        return sys.modules[_NAME]
    package = PathFinder.find_spec(_NAME.partition(".")[0])
    spec = PathFinder.find_spec(_NAME, package.submodule_search_locations if package else None)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {_NAME!r}", name=_NAME)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
