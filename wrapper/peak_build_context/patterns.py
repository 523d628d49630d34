"""Match the patterns of Docker's and git's ignore files and the wildcards of ``COPY``, by one engine.

A pattern is parsed into tokens: single characters, classes and loops (``*`` and the forms of ``**``). Patterns of at
most two loops become a regular expression; the rest run on a bit set of states, since a backtracking matcher takes
exponentially longer for each further loop. Either way matching takes linear time.
"""

# Imports count here: they take longer than zipping a small directory.

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import groupby
from typing import Final

MAX_LENGTH: Final = 4096
"""The longest pattern that is accepted, in characters: as long as a path may be."""

_STAR: Final = "[^/]*"
_DIRECTORIES: Final = "(?:.*/)?"
_ANYTHING: Final = ".*"
_NOT_SLASH: Final = "[^/]"
_LOOPS: Final = (_STAR, _DIRECTORIES, _ANYTHING)
"""A token is a regular expression; one of a single character is that character."""

_MAX_REGEX_LOOPS: Final = 2

_POSIX_CLASSES: Final = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "blank": r"\t ", "cntrl": r"\x00-\x1f\x7f", "digit": "0-9",
    "graph": "!-~", "lower": "a-z", "print": " -~", "punct": "!-/:-@\\[-`{-~", "space": r"\t-\r ", "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}  # fmt: skip

_POSIX: Final = re.compile(r"\[:([^\]]*):\]")
_GIT_SPECIAL: Final = frozenset("*?[\\")
_DOCKER_SPECIAL: Final = frozenset("*?[]\\")

_GO_ESCAPE: Final = re.compile(r"[^A-Za-z0-9]|[AaBbDdfnQrSstvWwz0]|x[0-9A-Fa-f]{2}|[Pp][CLMNPSZ]", re.ASCII)
"""The characters that may follow a backslash in Docker's patterns: letters have a special meaning there."""


class PatternError(ValueError):
    """A pattern is malformed."""


class Pattern:
    """A pattern, matched against a whole name with ``/`` between its parts."""

    def __init__(self, tokens: Sequence[str]) -> None:
        # A loop twice in a row is the same loop.
        runs = ((token, [*run]) for token, run in groupby(tokens))
        self._tokens = tuple(token for token, run in runs for _ in run[: 1 if token in _LOOPS else None])

    def may_match_under(self, directory: str) -> bool:
        """Return whether the pattern could match anything in a directory."""
        return self._automaton.run(f"{directory}/") != 0

    @cached_property
    def endings(self) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """The names that the pattern matches, and the ends of others; None if it isn't as simple as most are."""
        loops = [token for token in self._tokens if token in _LOOPS]
        literal = "".join(self._tokens[len(loops) :])
        if [*self._tokens] != [*loops, *literal]:
            return None
        if not loops:
            return (literal,), ()
        if loops == [_DIRECTORIES]:
            return (literal,), (f"/{literal}",)
        is_suffix = loops == [_ANYTHING] or (loops == [_DIRECTORIES, _STAR] and "/" not in literal)
        return ((), (literal,)) if is_suffix else None

    @cached_property
    def matches(self) -> Callable[[str], bool]:
        """The function that returns whether the pattern matches a name."""
        if self.endings:
            names, ends = self.endings
            return lambda name: name in names or name.endswith(ends)
        tokens = self._tokens
        if sum(token in _LOOPS for token in tokens) <= _MAX_REGEX_LOOPS:
            regex = "".join(re.escape(token) if len(token) == 1 else token for token in tokens)
            matcher = re.compile(regex, re.DOTALL).fullmatch
            return lambda name: matcher(name) is not None
        final = 1 << len(tokens)
        return lambda name: self._automaton.run(name) & final != 0

    @cached_property
    def _automaton(self) -> "_Automaton":
        return _Automaton(self._tokens)


class _Automaton:
    """The states that a pattern can be in, as the bits of a number: bit ``i`` stands before token ``i``."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._masks: dict[str, tuple[int, int]] = {}
        self._by_token: dict[str, int] = {}
        for index, token in enumerate(tokens):
            self._by_token[token] = self._by_token.get(token, 0) | 1 << index
        self._star, self._directories, self._anything = (self._by_token.pop(loop, 0) for loop in _LOOPS)
        self._loops = self._star | self._directories | self._anything

    def run(self, text: str) -> int:
        states = self._entered(1)
        for char in text:
            advance, stay = self._masks.get(char) or self._masks_for(char)
            states = states & stay | self._entered((states & advance) << 1)
            if not states:
                break
        return states

    def _entered(self, states: int) -> int:
        # A loop may match nothing. No more than two of them stand in a row.
        states |= (states & self._loops) << 1
        return states | (states & self._loops) << 1

    def _masks_for(self, char: str) -> tuple[int, int]:
        """Return the states that a character leads on from, and those that it leaves as they are."""
        advance = self._by_token.get(char, 0)
        for token, states in self._by_token.items():
            if len(token) > 1 and re.fullmatch(token, char, re.DOTALL):
                advance |= states
        stay = self._directories | self._anything
        if char == "/":
            advance |= stay
        else:
            stay |= self._star
            advance |= self._star | self._anything
        self._masks[char] = advance, stay
        return advance, stay


def docker_pattern(text: str) -> Pattern:
    """Parse a pattern of one of Docker's ignore files.

    Args:
        text: The pattern, cleaned as a path.

    Raises:
        PatternError: The pattern is malformed, as Docker sees it.
    """

    def read_star(index: int) -> tuple[str, int]:
        if not text.startswith("**", index):
            return _STAR, index + 1
        rest = text[index + 2 :]
        if rest in ("", "/"):
            return _ANYTHING, len(text)
        # At the beginning, and with nothing special after it, "**name" is any name that ends so.
        is_suffix = index == 0 and rest[0] != "/" and _DOCKER_SPECIAL.isdisjoint(rest)
        return _ANYTHING if is_suffix else _DIRECTORIES, index + 2 + rest.startswith("/")

    return Pattern(_parse(text, read_star, lambda index: _go_class(text, index, is_regex=True), is_regex=True))


def copy_pattern(text: str) -> Pattern:
    """Parse a source of ``COPY`` or ``ADD``: the wildcards of Go's ``filepath.Match``, where ``**`` is ``*``.

    Raises:
        PatternError: The pattern is malformed.
    """
    return Pattern(_parse(text, lambda index: (_STAR, index + 1), lambda index: _go_class(text, index, is_regex=False)))


def git_pattern(text: str) -> Pattern:
    """Parse a pattern of a ``.gitignore`` without its ``!`` and its last ``/``.

    Names are matched by their bytes, each one as the character of that number.

    Raises:
        PatternError: The pattern is malformed, so that git matches nothing by it.
    """
    is_path = "/" in text
    text = text.removeprefix("/")
    first_wildcard = next((index for index, char in enumerate(text) if char in _GIT_SPECIAL), 0)

    def read_star(index: int) -> tuple[str, int]:
        end = index + len(text[index:]) - len(text[index:].lstrip("*"))
        # git compares the text before the first wildcard separately, and then starts at the wildcard.
        is_bounded = is_path and end - index > 1 and (index == first_wildcard or text[index - 1] == "/")
        if is_bounded and text.startswith("/", end):
            return _DIRECTORIES, end + 1
        if is_bounded and (end == len(text) or text.startswith("\\/", end)):
            return _ANYTHING, end
        return _STAR, end

    tokens = _parse(text, read_star, lambda index: _git_class(text, index))
    return Pattern(tokens if is_path else [_DIRECTORIES, *tokens])


def _parse(
    text: str,
    read_star: Callable[[int], tuple[str, int]],
    read_class: Callable[[int], tuple[str, int]],
    *,
    is_regex: bool = False,
) -> list[str]:
    """Return the tokens of a pattern."""
    if len(text) > MAX_LENGTH:
        raise PatternError(f"longer than {MAX_LENGTH} characters")
    tokens = []
    index = 0
    while index < len(text):
        char = text[index]
        if char == "*":
            token, index = read_star(index)
        elif char == "[":
            token, index = read_class(index + 1)
        elif char == "\\":
            token, index = _read_escape(text, index + 1, is_regex=is_regex)
        else:
            token, index = _NOT_SLASH if char == "?" else char, index + 1
        tokens.append(token)
    return tokens


def _read_escape(text: str, index: int, *, is_regex: bool) -> tuple[str, int]:
    char = text[index : index + 1]
    if not char:
        raise PatternError("a backslash at the end")
    if is_regex and (not char.isascii() or not _GO_ESCAPE.match(text, index)):
        raise PatternError("a backslash before a letter; between directories write /")
    return char, index + 1


def _go_class(text: str, index: int, *, is_regex: bool) -> tuple[str, int]:
    """Parse a class as Go's ``filepath.Match`` does, from after its bracket."""

    def read_char(index: int) -> tuple[str, int]:
        if text.startswith(("-", "]"), index):
            raise PatternError("a bracket expression that begins with - or ]")
        if text.startswith("\\", index):
            return _read_escape(text, index + 1, is_regex=is_regex)
        return text[index : index + 1], index + 1

    is_negated = text.startswith("^", index)
    index += is_negated
    items: list[str] = []
    while not (items and text.startswith("]", index)):
        if is_regex and (posix := _POSIX.match(text, index)) and posix[1] in _POSIX_CLASSES:
            items.append(_POSIX_CLASSES[posix[1]])
            index = posix.end()
            continue
        low, index = read_char(index)
        high = low
        if text.startswith("-", index):
            high, index = read_char(index + 1)
        if index >= len(text):
            raise PatternError("a bracket that isn't closed")
        if is_regex and low > high:
            raise PatternError("a range from high to low")
        items.append(_range(low, high))
    return _class(items, is_negated=is_negated), index + 1


def _git_class(text: str, index: int) -> tuple[str, int]:
    """Parse a class as git does, from after its bracket."""
    is_negated = text.startswith(("!", "^"), index)
    index += is_negated
    items: list[str] = []
    start, low = index, ""
    while index == start or not text.startswith("]", index):
        if posix := _POSIX.match(text, index):
            if posix[1] not in _POSIX_CLASSES:
                raise PatternError(f"an unknown class {posix[0]!r}")
            items.append(_POSIX_CLASSES[posix[1]])
            low, index = "", posix.end()
            continue
        is_range = low and text.startswith("-", index) and text[index + 1 : index + 2] not in ("", "]")
        index += bool(is_range)
        index += text.startswith("\\", index)
        if index >= len(text):
            raise PatternError("a bracket that isn't closed")
        char = text[index]
        items.append(_range(low, char) if is_range else _range(char, char))
        low = "" if is_range else char
        index += 1
    return f"(?!/){_class(items, is_negated=is_negated)}", index + 1


def _range(low: str, high: str) -> str:
    if low > high:
        return ""
    return re.escape(low) if low == high else f"{re.escape(low)}-{re.escape(high)}"


def _class(items: Iterable[str], *, is_negated: bool) -> str:
    chars = "".join(items)
    if not chars:
        return "(?s:.)" if is_negated else "(?!)"
    return f"[{'^' if is_negated else ''}{chars}]"
