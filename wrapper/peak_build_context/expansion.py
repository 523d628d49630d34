"""Shell words of a Dockerfile: quotes, escapes and variables, expanded as BuildKit does it.

Nothing here takes more than linear time: nesting, the length of a pattern and the characters that one Dockerfile
expands to are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from peak_build_context.errors import DockerfileError, DockerfileLimitError

MAX_VALUE_LENGTH: Final = 128 * 2**10
"""The maximum length of a variable in characters, which is that of Linux."""

_MAX_CHARACTERS: Final = 2**25
"""The maximum number of characters that all expansions of one Dockerfile read and write."""

_MAX_NESTING: Final = 50
_MAX_PATTERN_LENGTH: Final = 256

WHITESPACE: Final = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""The white space of BuildKit: fewer characters than ``str.isspace``."""

_SPECIAL: Final = re.compile(r"""[$'"\\`]""")
_NAME: Final = re.compile(r"[@*#?$!-]|\d+|\w+")


class Expansion(NamedTuple):
    """A word with its variables put in, or the value of one.

    Attributes:
        text: The result; valid only if ``is_known``.
        is_known: Whether all variables in it are known.
        is_certain: Whether every builder gives them the same values: its platform is the builder's choice.
        is_private: Whether it contains the value of a build argument, which is not shown.
    """

    text: str
    is_known: bool = True
    is_certain: bool = True
    is_private: bool = False


class Variables(dict[str, Expansion]):
    """The variables that are set at one place of a Dockerfile, those whose values are known.

    Attributes:
        is_complete: Whether all others are unset: the environment of a base image isn't known.
    """

    is_complete = True

    def assign(self, name: str, value: Expansion) -> None:
        """Set a variable, or make it unknown if its value is."""
        if not value.is_known:
            self.pop(name, None)
        elif len(value.text) > MAX_VALUE_LENGTH:
            raise DockerfileLimitError(f"the value of {name} is longer than {MAX_VALUE_LENGTH} characters")
        else:
            self[name] = value


class Shell:
    """An expander of the words of one Dockerfile, which bounds the work that they take.

    Args:
        escape: The escape character of the Dockerfile.
    """

    def __init__(self, escape: str = "\\") -> None:
        self._escape = escape
        self._characters = _MAX_CHARACTERS

    def expand(self, word: str, variables: Variables, *, is_heredoc: bool = False) -> Expansion:
        """Remove a word's quotes and escapes, and put its variables in.

        Args:
            word: The word.
            variables: The variables.
            is_heredoc: Whether it is the content of a here-document, where quotes are ordinary characters.

        Raises:
            DockerfileError: The word is malformed.
            DockerfileLimitError: The expansion takes too much work.
        """
        if not _SPECIAL.search(word):
            return Expansion(word)
        escape, quotes = ("\\", "") if is_heredoc else (self._escape, "'\"")
        lexer = _Lexer(word, variables, escape, quotes, self.spend)
        text = lexer.read()
        values = [variables[name] for name in lexer.used if name in variables]
        return Expansion(
            text,
            is_known=variables.is_complete or len(values) == len(lexer.used),
            is_certain=all(value.is_certain for value in values),
            is_private=any(value.is_private for value in values),
        )

    def spend(self, characters: int) -> None:
        """Count characters that are read or written.

        Raises:
            DockerfileLimitError: The limit of this Dockerfile is exceeded.
        """
        self._characters -= characters
        if self._characters < 0:
            raise DockerfileLimitError(f"its variables expand to more than {_MAX_CHARACTERS} characters")


class _Lexer:
    """One pass over a word."""

    def __init__(self, text: str, variables: Variables, escape: str, quotes: str, spend: Callable[[int], None]) -> None:
        self.used: set[str] = set()
        self._text = text
        self._variables = variables
        self._escape = escape
        self._quotes = quotes
        self._spend = spend
        self._keeps_escapes = False
        self._position = 0
        self._depth = 0

    def read(self, stop: str = "") -> str:
        """Read up to a character that isn't quoted or escaped; to the end without one."""
        result: list[str] = []
        while (char := self._next()) != stop:
            if not char:
                raise DockerfileError(f"syntax error: missing {stop!r}")
            if char == "$":
                char = self._read_variable()
            elif char in self._quotes:
                char = self._read_quoted(char)
            elif char == self._escape:
                char = char * self._keeps_escapes + self._next()
            result.append(char)
        return "".join(result)

    def _next(self) -> str:
        char = self._peek()
        self._position += len(char)
        return char

    def _peek(self) -> str:
        return self._text[self._position : self._position + 1]

    def _read_quoted(self, quote: str) -> str:
        result: list[str] = []
        while (char := self._next()) != quote:
            if not char:
                name = "double" if quote == '"' else "single"
                raise DockerfileError(f"a {name} quote is never closed in {shorten(self._text)!r}")
            if quote == '"' and char == "$":
                char = self._read_variable()
            elif quote == '"' and char == self._escape:
                if (following := self._peek()) and following in f'"${self._escape}':
                    char = char * self._keeps_escapes + self._next()
                else:
                    char += char * self._keeps_escapes
            result.append(char)
        return "".join(result)

    def _read_variable(self) -> str:
        if self._peek() != "{":
            name = self._read_name()
            return self._value(name) or "" if name else "$"
        self._next()
        if not self._peek():
            raise DockerfileError("syntax error: missing '}'")
        if self._peek() in "{}:":
            raise DockerfileError(f"syntax error: bad substitution in {shorten(self._text)!r}")
        name = self._read_name()
        operator = self._next()
        value = self._value(name)
        if not operator:
            raise DockerfileError("syntax error: missing '}'")
        if operator == "}":
            return value or ""
        self._depth += 1
        if self._depth > _MAX_NESTING:
            raise DockerfileLimitError(f"its variables are nested more than {_MAX_NESTING} deep")
        result = self._replace(value or "") if operator == "/" else self._modify(name, operator, value)
        self._depth -= 1
        self._spend(len(result))
        return result

    def _read_name(self) -> str:
        match = _NAME.match(self._text, self._position)
        self._position += len(match[0]) if match else 0
        return match[0] if match else ""

    def _value(self, name: str) -> str | None:
        self.used.add(name)
        if name not in self._variables:
            return None
        value = self._variables[name].text
        self._spend(len(value))
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
        if is_set == (operator == "+"):  # otherwise the variables of the word have no effect
            self.used |= inside
        if operator == "-":
            return (value or "") if is_set else word
        if operator == "+":
            return word if is_set else ""
        if not is_set and (self._variables.is_complete or value is not None):
            reason = word or f"is not allowed to be {'unset' if value is None else 'empty'}"
            raise DockerfileError(f"{name}: {reason}")
        return value or ""

    def _read_raw(self, stop: str) -> str:
        """Read a pattern, which has its own escapes."""
        before, self._keeps_escapes = self._keeps_escapes, True
        pattern = self.read(stop)
        self._keeps_escapes = before
        return pattern

    def _trim(self, value: str, pattern: str, *, is_greedy: bool, is_suffix: bool) -> str:
        tokens = self._parse_pattern(pattern, value)
        if is_suffix:
            tokens.reverse()
            value = value[::-1]
        first, middle, last = _split_at_stars(tokens)
        rest = "" if last is None else middle + (f".*{last}" if is_greedy else f"(?>.*?{last})")
        value = re.sub(rf"\A{first}{rest}", "", value)
        return value[::-1] if is_suffix else value

    def _replace(self, value: str) -> str:
        count = 1
        if self._peek() == "/":
            self._next()
            count = 0  # all of them
        pattern = self._read_raw("/")
        replacement = self._read_raw("}")
        first, middle, last = _split_at_stars(self._parse_pattern(pattern, value))
        # With a "*", the first place of the part before the first one leaves most room for the rest of a line, and the
        # last place of the part after the last one is the longest match. So each line is looked at once.
        with_star = rf"(?m)^(?>(?P<before>.*?){first}){middle}.*{last}"
        regex = f"(?P<before>){first}" if last is None else with_star

        def substitute(match: re.Match[str]) -> str:
            self._spend(len(replacement))
            return match["before"] + replacement

        return re.sub(regex, substitute, value, count=count)

    def _parse_pattern(self, pattern: str, value: str) -> list[str]:
        """Return the regular expression of each character of a shell pattern, and ``*`` as itself."""
        if len(pattern) > _MAX_PATTERN_LENGTH:
            raise DockerfileLimitError(f"a pattern of a variable is longer than {_MAX_PATTERN_LENGTH} characters")
        self._spend(len(value) * (1 + len(pattern) // 16))
        tokens: list[str] = re.findall(r"(?s)\\.?|.", pattern)
        for token in tokens:
            if token.startswith("\\") and token[1:] not in ("*", "?", "\\", "}", "/"):
                raise DockerfileError(f"invalid pattern ({shorten(pattern)}) in substitution: invalid escape '{token}'")
        return [{"*": "*", "?": "."}.get(token) or re.escape(token[-1]) for token in tokens]


def _split_at_stars(tokens: list[str]) -> tuple[str, str, str | None]:
    """Split a pattern at its ``*`` into the first part, all between as one, and the last part; None without a ``*``.

    Those between are atomic groups: the first position of a part leaves most room for the next one, so no other
    position needs to be matched.
    """
    parts = [""]
    for regex in tokens:
        parts[-1:] = [parts[-1], ""] if regex == "*" else [parts[-1] + regex]
    middle = "".join(f"(?>.*?{part})" for part in parts[1:-1])
    return parts[0], middle, parts[-1] if len(parts) > 1 else None


def shorten(text: str, length: int = 60) -> str:
    """Return the beginning of a text, for a message."""
    return text if len(text) <= length else f"{text[:length]}…"
