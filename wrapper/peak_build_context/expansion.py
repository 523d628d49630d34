"""Shell words of a Dockerfile: quotes, escapes and variables, expanded as BuildKit does it.

Nothing here takes more than linear time: nesting, the length of a pattern and the characters that one Dockerfile
expands to are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from peak_build_context.errors import DockerfileError, DockerfileLimitError

MAX_VALUE_LENGTH: Final = 128 * 2**10
"""A variable's length in characters: Linux gives no longer one to a process."""

_MAX_CHARACTERS: Final = 2**25
"""How many characters all expansions of one Dockerfile may read and write."""

_MAX_NESTING: Final = 50
_MAX_PATTERN_LENGTH: Final = 256

WHITESPACE: Final = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What BuildKit takes for white space: fewer characters than ``str.isspace``."""

_SPECIAL: Final = re.compile(r"""[$'"<\\`]""")
_SPECIAL_PARAMETERS: Final = frozenset("@*#?-$!0")


class Budget:
    """How much work is left for one Dockerfile."""

    def __init__(self) -> None:
        self._characters = _MAX_CHARACTERS

    def spend(self, characters: int) -> None:
        """Take from what is left.

        Raises:
            DockerfileLimitError: Nothing is.
        """
        self._characters -= characters
        if self._characters < 0:
            raise DockerfileLimitError(f"its variables expand to more than {_MAX_CHARACTERS} characters")


@dataclass(slots=True)
class Variables:
    """The variables that are set at one place of a Dockerfile.

    Attributes:
        values: Those whose values are known.
        is_complete: Whether all others are unset: the environment of a base image isn't known.
        uncertain: Names whose values are another builder's choice, such as its platform.
        private: Names whose values come from build arguments, and are not shown.
    """

    values: dict[str, str] = field(default_factory=dict)
    is_complete: bool = True
    uncertain: set[str] = field(default_factory=set)
    private: set[str] = field(default_factory=set)

    def copy(self) -> Variables:
        """Return variables that change independently."""
        return Variables(dict(self.values), self.is_complete, set(self.uncertain), set(self.private))

    def set(self, name: str, value: Expansion | None, *, private: bool = False) -> None:
        """Set a variable, or make it unknown if its value is."""
        self.unset(name)
        if value is None or not value.is_known:
            return
        if len(value.text) > MAX_VALUE_LENGTH:
            raise DockerfileLimitError(f"the value of {name} is longer than {MAX_VALUE_LENGTH} characters")
        self.values[name] = value.text
        if not value.is_certain:
            self.uncertain.add(name)
        if private or value.is_private:
            self.private.add(name)

    def unset(self, name: str) -> None:
        """Forget a variable."""
        self.values.pop(name, None)
        self.uncertain.discard(name)
        self.private.discard(name)


class Expansion(NamedTuple):
    """A word with its variables put in.

    Attributes:
        text: The result. It means nothing unless ``is_known``.
        is_known: Whether all variables in it are known.
        is_certain: Whether every builder gives them the same values.
        is_private: Whether it has the value of a build argument in it.
    """

    text: str
    is_known: bool = True
    is_certain: bool = True
    is_private: bool = False


def expand(word: str, variables: Variables, escape: str, budget: Budget, *, keep_quotes: bool = False) -> Expansion:
    """Remove a word's quotes and escapes, and put its variables in.

    Args:
        word: The word.
        variables: The variables.
        escape: The escape character of the Dockerfile.
        budget: What is spent.
        keep_quotes: Whether quotes are ordinary characters, as in the content of a here-document.

    Raises:
        DockerfileError: The word is malformed.
        DockerfileLimitError: It expands to too much.
    """
    if not _SPECIAL.search(word) and escape not in word:
        return Expansion(word)
    lexer = _Lexer(word, variables, escape, budget)
    lexer.reads_quotes = not keep_quotes
    text = lexer.read()
    used = lexer.used
    return Expansion(
        text,
        is_known=variables.is_complete or used <= variables.values.keys(),
        is_certain=used.isdisjoint(variables.uncertain),
        is_private=not used.isdisjoint(variables.private),
    )


def split_words(
    text: str,
    *,
    escape: str = "\\",
    raw: bool = False,
    variables: Variables | None = None,
    budget: Budget | None = None,
) -> list[str]:
    """Split a text into shell words.

    Args:
        text: The text.
        escape: The escape character.
        raw: Whether quotes and escapes stay in the words.
        variables: The variables; without them they stay as they are written.
        budget: What is spent.

    Raises:
        DockerfileError: The text is malformed.
    """
    lexer = _Lexer(text, variables or Variables(), escape, budget or Budget())
    lexer.raw_quotes = lexer.raw_escapes = raw
    lexer.keeps_unset = variables is None
    words: list[str] = []
    lexer.read(words=words)
    return words


class _Lexer:
    """One pass over a word."""

    def __init__(self, text: str, variables: Variables, escape: str, budget: Budget) -> None:
        self.reads_quotes = True
        self.raw_quotes = False
        self.raw_escapes = False
        self.keeps_unset = False
        self.used: set[str] = set()
        self._text = text
        self._variables = variables
        self._escape = escape
        self._budget = budget
        self._position = 0
        self._depth = 0

    def read(self, stop: str = "", *, words: list[str] | None = None) -> str:
        """Read up to a character that isn't quoted or escaped; to the end without one."""
        collector = _WordCollector(words)
        result: list[str] = []
        while char := self._next():
            if char == stop:
                return "".join(result)
            if char == "$":
                part, may_split = self._read_variable(), True
            elif char in "'\"" and self.reads_quotes:
                part, may_split = self._read_quoted(char), False
            elif char == "<":
                part, may_split = self._read_heredoc_mark(), False
            elif char == self._escape:
                escaped = self._next()
                part, may_split = (char if self.raw_escapes else "") + escaped, False
            else:
                part, may_split = char, True
            result.append(part)
            collector.add(part, may_split=may_split)
        if stop:
            raise DockerfileError(f"syntax error: missing {stop!r}")
        collector.finish()
        return "".join(result)

    def _next(self) -> str:
        char = self._text[self._position : self._position + 1]
        self._position += len(char)
        return char

    def _peek(self) -> str:
        return self._text[self._position : self._position + 1]

    def _read_quoted(self, quote: str) -> str:
        result = [quote] if self.raw_quotes else []
        while char := self._next():
            if char == quote:
                return "".join((*result, quote if self.raw_quotes else ""))
            if quote == '"' and char == "$":
                char = self._read_variable()
            elif quote == '"' and char == self._escape:
                following = self._peek()
                if not following:
                    break
                if following in ('"', "$", self._escape):
                    char = (char if self.raw_escapes else "") + self._next()
                elif self.raw_escapes:
                    char += char
            result.append(char)
        name = "double" if quote == '"' else "single"
        raise DockerfileError(f"a {name} quote is never closed in {shorten(self._text)!r}")

    def _read_heredoc_mark(self) -> str:
        if self._peek() != "<":
            return "<"
        start = self._position
        self._position += 1
        while self._peek() in ("\t", "\r", " "):
            self._position += 1
        return "<" + self._text[start : self._position]

    def _read_variable(self) -> str:
        if self._peek() != "{":
            name = self._read_name()
            if not name:
                return "$"
            value = self._value(name)
            return (f"${name}" if self.keeps_unset else "") if value is None else value
        self._next()
        if not self._peek():
            raise DockerfileError("syntax error: missing '}'")
        if self._peek() in "{}:":
            raise DockerfileError(f"syntax error: bad substitution in {shorten(self._text)!r}")
        name = self._read_name()
        start = self._position
        operator = self._next()
        value = self._value(name)
        if not operator:
            raise DockerfileError("syntax error: missing '}'")
        if operator == "}":
            result = value or ""
        else:
            self._depth += 1
            if self._depth > _MAX_NESTING:
                raise DockerfileLimitError(f"its variables are nested more than {_MAX_NESTING} deep")
            result = self._replace(value) if operator == "/" else self._modify(name, operator, value)
            self._depth -= 1
        if value is None and self.keeps_unset:
            return "${" + name + self._text[start : self._position]
        self._budget.spend(len(result))
        return result

    def _read_name(self) -> str:
        char = self._peek()
        if char in _SPECIAL_PARAMETERS and not char.isdecimal():
            return self._next()
        belongs: Callable[[str], bool] = str.isdecimal if char.isdecimal() else _is_of_name
        start = self._position
        while (char := self._peek()) and belongs(char):
            self._position += 1
        return self._text[start : self._position]

    def _value(self, name: str) -> str | None:
        self.used.add(name)
        value = self._variables.values.get(name)
        self._budget.spend(len(value or ""))
        return value

    def _modify(self, name: str, operator: str, value: str | None) -> str:
        null_is_unset = operator == ":"
        if null_is_unset:
            operator = self._next()
        if not operator or operator not in ("-+?" if null_is_unset else "-+?#%"):
            raise DockerfileError(f"unsupported modifier ({':' * null_is_unset}{operator}) in substitution")
        if operator in "#%":
            word = self._read_raw("}")
            is_greedy = word.startswith(operator)
            return self._trim(value or "", word[is_greedy:], is_greedy=is_greedy, is_suffix=operator == "%")
        before, self.used = self.used, set()
        word = self.read("}")
        inside, self.used = self.used, before
        is_set = value is not None and not (null_is_unset and not value)
        if is_set == (operator == "+"):  # else the variables of the word don't count
            self.used |= inside
        if operator == "-":
            return (value or "") if is_set else word
        if operator == "+":
            return word if is_set else ""
        if not is_set and (self._variables.is_complete or value is not None) and not self.keeps_unset:
            reason = word or f"is not allowed to be {'unset' if value is None else 'empty'}"
            raise DockerfileError(f"{name}: {reason}")
        return value or ""

    def _read_raw(self, stop: str) -> str:
        """Read what is a pattern, whose escapes are its own."""
        before, self.raw_escapes = self.raw_escapes, True
        try:
            return self.read(stop)
        finally:
            self.raw_escapes = before

    def _trim(self, value: str, pattern: str, *, is_greedy: bool, is_suffix: bool) -> str:
        tokens = self._tokens(pattern, value)
        if is_suffix:
            tokens.reverse()
            value = value[::-1]
        first, middle, last = _segments(tokens)
        rest = "" if last is None else middle + (f".*{last}" if is_greedy else f"(?>.*?{last})")
        if match := re.compile(first + rest).match(value):
            value = value[match.end() :]
        return value[::-1] if is_suffix else value

    def _replace(self, value: str | None) -> str:
        value = value or ""
        replaces_all = self._peek() == "/"
        if replaces_all:
            self._next()
        pattern = self._read_raw("/")
        replacement = self._read_raw("}")
        tokens = self._tokens(pattern, value)
        first, middle, last = _segments(tokens)
        if last is None:
            matches = [match.span() for match in re.finditer(first, value)]
        else:
            # On a line, the first place of the part before the first "*" leaves most room for the rest, and the last
            # place of the part after the last one is the longest match. So a line is looked at once, and has one match.
            regex = re.compile(rf"(?>(?P<before>.*?){first}){middle}.*{last}")
            found = (regex.match(value, start) for start in _line_starts(value))
            matches = [(match.end("before"), match.end()) for match in found if match]
        if not replaces_all:
            matches = matches[:1]
        self._budget.spend(len(matches) * len(replacement))
        result, end = [], 0
        for start, stop in matches:
            result += [value[end:start], replacement]
            end = stop
        return "".join((*result, value[end:]))

    def _tokens(self, pattern: str, value: str) -> list[str]:
        if len(pattern) > _MAX_PATTERN_LENGTH:
            raise DockerfileLimitError(f"a pattern of a variable is longer than {_MAX_PATTERN_LENGTH} characters")
        self._budget.spend(len(value) * (1 + len(pattern) // 16))
        return list(_pattern_tokens(pattern))


class _WordCollector:
    """Words that are split where unquoted white space is."""

    def __init__(self, words: list[str] | None) -> None:
        self._words = words
        self._parts: list[str] = []

    def add(self, part: str, *, may_split: bool) -> None:
        if self._words is None:
            return
        for char in part if may_split else (part,):
            if may_split and char in WHITESPACE:
                self.finish()
            else:
                self._parts.append(char)

    def finish(self) -> None:
        if self._words is not None and (word := "".join(self._parts)):
            self._words.append(word)
        self._parts.clear()


def _is_of_name(char: str) -> bool:
    return char == "_" or char.isalpha() or char.isdecimal()


def _pattern_tokens(pattern: str) -> Iterator[str]:
    """Yield the regular expression of each character of a shell pattern, and ``*`` as itself."""
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char == "\\":
            position += 1
            char = pattern[position : position + 1]
            if char not in ("*", "?", "\\", "}", "/"):
                raise DockerfileError(
                    f"invalid pattern ({shorten(pattern)}) in substitution: invalid escape '\\{char}'"
                )
            yield re.escape(char)
        elif char == "*":
            yield "*"
        else:
            yield "." if char == "?" else re.escape(char)
        position += 1


def _segments(tokens: list[str]) -> tuple[str, str, str | None]:
    """Split a pattern at its ``*`` into the first part, all between as one, and the last part; None without a ``*``.

    Those between are atomic groups: the first place of a part leaves most room for the next one, so that no other has
    to be tried.
    """
    parts = [""]
    for regex in tokens:
        if regex == "*":
            parts.append("")
        else:
            parts[-1] += regex
    middle = "".join(f"(?>.*?{part})" for part in parts[1:-1])
    return parts[0], middle, parts[-1] if len(parts) > 1 else None


def _line_starts(text: str) -> Iterator[int]:
    yield 0
    for match in re.finditer("\n", text):
        yield match.end()


def shorten(text: str, length: int = 60) -> str:
    """Return the beginning of a text, for a message."""
    return text if len(text) <= length else f"{text[:length]}…"
