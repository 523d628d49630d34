"""The parser of Dockerfiles: from their text to their instructions, as BuildKit's own parser reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple, NoReturn

from peak_build_context.errors import DockerfileError, DockerfileLimitError
from peak_build_context.expansion import WHITESPACE, shorten, split_words
from peak_build_context.instructions import INSTRUCTIONS, Form, Heredoc, Instruction

MAX_DOCKERFILE_SIZE: Final = 2**20
"""The largest Dockerfile that is read, in bytes."""

MAX_INSTRUCTIONS: Final = 10_000
"""How many instructions a Dockerfile may have, those of ``ONBUILD`` counted as often as they are run."""

_MAX_LINE_SIZE: Final = 2**16 - 1
_BLANKS: Final = re.compile(r"[\t\v\f\r ]+")
_HEREDOC: Final = re.compile(r"[0-9]*<<(-?)[\t\n\f\r ]*([^<]*)")
_DIRECTIVE: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_DIRECTIVES: Final = frozenset(("syntax", "escape", "check"))
_WITH_HEREDOCS: Final = frozenset(("ADD", "COPY", "RUN"))


class Dockerfile(NamedTuple):
    """A Dockerfile that has been parsed.

    Attributes:
        instructions: Its instructions. Their names and arguments have not been checked.
        escape: Its escape character.
        syntax: What reads it in place of BuildKit's own frontend, by ``# syntax=``; "" for that.
    """

    instructions: tuple[Instruction, ...]
    escape: str
    syntax: str


def parse_dockerfile(content: bytes) -> Dockerfile:
    """Parse a Dockerfile.

    Raises:
        DockerfileError: It is malformed.
        DockerfileLimitError: It is too large.
    """
    if len(content) > MAX_DOCKERFILE_SIZE:
        raise DockerfileLimitError(f"it is larger than {MAX_DOCKERFILE_SIZE} bytes")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DockerfileError("it is UTF-16 text; save it as UTF-8")
    if not content:
        raise DockerfileError("it is empty")
    parser = _Parser(content.removeprefix(b"\xef\xbb\xbf"))
    instructions = tuple(islice(parser.parse(), MAX_INSTRUCTIONS + 1))
    if len(instructions) > MAX_INSTRUCTIONS:
        raise DockerfileLimitError(f"it has more than {MAX_INSTRUCTIONS} instructions")
    if not instructions:
        raise DockerfileError("there are no instructions in it")
    return Dockerfile(instructions, parser.escape, parser.directives.get("syntax", ""))


class _Parser:
    """One pass over the lines of a Dockerfile."""

    def __init__(self, content: bytes) -> None:
        self.escape = "\\"
        self.directives: dict[str, str] = {}
        self._takes_directives = True
        self._lines = content.split(b"\n")
        if not self._lines[-1]:
            self._lines.pop()
        self._number = 0

    def parse(self) -> Iterator[Instruction]:
        while (line := self._next_line()) is not None:
            line = line.lstrip(WHITESPACE)
            self._read_directive(line)
            if not line or line.startswith("#"):
                continue
            start = self._number
            source = self._join(line)
            if not source:
                continue
            try:
                yield self._with_heredocs(_make_instruction(source, start, self.escape))
            except DockerfileError as error:
                raise DockerfileError(error.problem, error.line or start) from error

    def _next_line(self, *, raw: bool = False) -> str | None:
        if self._number == len(self._lines):
            return None
        line = self._lines[self._number]
        self._number += 1
        if len(line) > _MAX_LINE_SIZE:
            raise DockerfileError(f"a line is longer than {_MAX_LINE_SIZE} bytes", self._number)
        # Surrogates for what isn't UTF-8, as in the names that the file system gives, so that the two match.
        text = line.decode("utf-8", "surrogateescape")
        return text if raw else text.rstrip("\r\n")

    def _read_directive(self, line: str) -> None:
        if not self._takes_directives:
            return
        name, equals, value = line[1:].lstrip(WHITESPACE).partition("=")
        name, value = name.rstrip("\t\n\f\r "), value.strip("\t\n\f\r ")
        key = name.lower()
        is_directive = line.startswith("#") and equals and value and _DIRECTIVE.fullmatch(name) and key in _DIRECTIVES
        if not is_directive:
            self._takes_directives = False
            return
        if key in self.directives:
            raise DockerfileError(f"the directive {key} is given twice", self._number)
        self.directives[key] = value
        if key == "escape":
            if value not in ("\\", "`"):
                raise DockerfileError(f"the escape character must be \\ or `, not {shorten(value)!r}", self._number)
            self.escape = value

    def _join(self, line: str) -> str:
        """Join a line with those that continue it; comments and empty lines between them don't count."""
        parts = []
        while True:
            text, goes_on = self._without_continuation(line)
            parts.append(text)
            while goes_on:
                following = self._next_line()
                if following is None:
                    return "".join(parts)
                content = following.lstrip(WHITESPACE)
                if content and not content.startswith("#"):
                    line = following
                    break
            else:
                return "".join(parts)

    def _without_continuation(self, line: str) -> tuple[str, bool]:
        text = line.rstrip("\t ")
        if text.endswith(self.escape) and not text.endswith(self.escape * 2):
            return text[:-1], True
        return line, False

    def _with_heredocs(self, instruction: Instruction) -> Instruction:
        inner = instruction
        if instruction.name == "ONBUILD" and instruction.arguments:
            inner = _make_instruction(instruction.arguments[0], instruction.line, self.escape)
        if inner.name not in _WITH_HEREDOCS or inner.is_json or "<<" not in instruction.source:
            return instruction
        heredocs = [
            Heredoc(mark.name, self._read_heredoc(mark), mark.is_expanded)
            for mark in _heredoc_marks(instruction.source)
        ]
        return Instruction(
            instruction.name,
            instruction.line,
            instruction.source,
            instruction.flags,
            instruction.arguments,
            instruction.is_json,
            tuple(heredocs),
        )

    def _read_heredoc(self, mark: _HeredocMark) -> str:
        lines: list[str] = []
        while (line := self._next_line(raw=True)) is not None:
            end = line.rstrip("\r\n")
            if (end.lstrip("\t") if mark.strips_tabs else end) == mark.name:
                return "".join(lines)
            lines.append(f"{line}\n")
        raise DockerfileError(f"unterminated heredoc: no line is {shorten(mark.name)!r}")


class _HeredocMark(NamedTuple):
    """The word that begins a here-document."""

    name: str
    strips_tabs: bool
    is_expanded: bool


def parse_heredoc_word(word: str) -> _HeredocMark | None:
    """Return what a word such as ``<<EOF`` begins; None if it begins no here-document."""
    match = _HEREDOC.fullmatch(word)
    if match is None or not match[2]:
        return None
    try:
        words, raw_words = split_words(match[2]), split_words(match[2], raw=True)
    except DockerfileError:
        return None
    if len(words) != 1 or len(raw_words) != 1:
        return None
    quotes, raw_quotes = (text.count("'") + text.count('"') for text in (words[0], raw_words[0]))
    return _HeredocMark(words[0], bool(match[1]), quotes == raw_quotes)


def _heredoc_marks(source: str) -> Iterator[_HeredocMark]:
    try:
        words = split_words(source, raw=True)
    except DockerfileError:
        return
    for word in words:
        if mark := parse_heredoc_word(word):
            yield mark


def _make_instruction(source: str, line: int, escape: str) -> Instruction:
    """Split an instruction into its name, flags and arguments."""
    text = source.strip(WHITESPACE)
    name, *rest = _BLANKS.split(text, maxsplit=1)
    name = name.upper()
    flags, text = _split_flags(rest[0] if rest else "", escape)
    text = text.strip(WHITESPACE)
    rule = INSTRUCTIONS.get(name)
    arguments, is_json = _split_arguments(rule.form, text, escape, name) if rule and text else ((), False)
    return Instruction(name, line, source, flags, arguments, is_json)


def _split_flags(text: str, escape: str) -> tuple[tuple[str, ...], str]:
    """Take the words from the beginning of a text that begin with two dashes; ``--`` alone ends them."""
    flags: list[str] = []
    position = 0
    while True:
        while position < len(text) and text[position] in WHITESPACE:
            position += 1
        if not text.startswith("--", position):
            return tuple(flags), text[position:]
        word, position = _read_flag(text, position, escape)
        if word == "--":
            return tuple(flags), text[position:]
        flags.append(word)


def _read_flag(text: str, position: int, escape: str) -> tuple[str, int]:
    word: list[str] = []
    quote = ""
    while position < len(text):
        char = text[position]
        if char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        elif not quote and char in WHITESPACE:
            break
        else:
            if char == escape:
                position += 1
            word.append(text[position : position + 1])
        position += 1
    return "".join(word), position


def _split_arguments(form: Form, text: str, escape: str, name: str) -> tuple[tuple[str, ...], bool]:
    match form:
        case Form.TEXT | Form.INSTRUCTION:
            if form is Form.INSTRUCTION:
                _make_instruction(text, 0, escape)  # for its errors
            return (text,), False
        case Form.NAMES:
            return tuple(_split_quoted(text, escape)), False
        case Form.NAMES_AND_VALUES:
            return tuple(_names_and_values(text, escape, name)), False
        case Form.TYPE_AND_COMMAND:
            kind, *rest = re.split(f"[{WHITESPACE}]+", text, maxsplit=1)
            array = _string_array(rest[0]) if rest else None
            return (kind, *(rest if array is None else array)), array is not None
    if form in (Form.TEXT_OR_JSON, Form.WORDS_OR_JSON) and (array := _string_array(text)) is not None:
        return tuple(array), True
    return ((text,) if form is Form.TEXT_OR_JSON else tuple(_BLANKS.split(text))), False


def _string_array(text: str) -> list[str] | None:
    """Return a JSON array of strings; None if it isn't JSON.

    Raises:
        DockerfileError: It is an array of something else.
    """
    if not text.startswith("["):
        return None
    try:
        array = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(item, str) for item in array):
        raise DockerfileError("a JSON array of arguments must have strings only")
    return array  # type: ignore[no-any-return]


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _names_and_values(text: str, escape: str, instruction: str) -> Iterator[str]:
    words = list(_split_quoted(text, escape))
    if words and "=" not in words[0]:
        parts = _BLANKS.split(text, maxsplit=1)
        if len(parts) < 2:
            raise DockerfileError(f"{instruction} must have two arguments, a name and a value: {shorten(text)!r}")
        yield from parts
        return
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise DockerfileError(f"{instruction} takes name=value; there is no '=' in {shorten(word)!r}")
        yield name
        yield value


def _split_quoted(text: str, escape: str) -> Iterator[str]:
    """Split a text at white space that isn't quoted or escaped; quotes and escapes stay in the words."""
    start, quote, position = -1, "", 0
    while position < len(text):
        char = text[position]
        if start < 0:
            if char in WHITESPACE:
                position += 1
                continue
            start = position
        if char == quote:
            quote = ""
        elif char == escape and quote != "'":
            if position == len(text) - 1:
                text = text[:-1]  # it escapes nothing
                break
            position += 1
        elif not quote and char in "'\"":
            quote = char
        elif not quote and char in WHITESPACE:
            yield text[start:position]
            start = -1
        position += 1
    if start >= 0 and (word := text[start:]):
        yield word
