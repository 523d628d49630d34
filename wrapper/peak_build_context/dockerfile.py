"""Parse Dockerfiles into instructions, as BuildKit's own parser does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Final, NamedTuple, NoReturn

from peak_build_context.errors import DockerfileError, DockerfileLimitError, at_line
from peak_build_context.expansion import WHITESPACE, Shell, Variables, shorten
from peak_build_context.instructions import INSTRUCTIONS, Form, Heredoc, Instruction, parse_heredoc_word

MAX_DOCKERFILE_SIZE: Final = 2**20
"""The largest Dockerfile that is read, in bytes."""

MAX_INSTRUCTIONS: Final = 10_000
"""How many instructions a Dockerfile may have, those of ``ONBUILD`` counted as often as they are run."""

_MAX_LINE_SIZE: Final = 2**16 - 1
_BLANKS: Final = re.compile(r"[\t\v\f\r ]+")
_SHELL_WORD: Final = re.compile(
    rf"""(?:[^{WHITESPACE}'"\\<]|<(?:<[\t\r ]*)?|\\.|"(?:[^"\\]|\\.)*+"|'[^']*+')++""", re.DOTALL
)
"""A word with its quotes and escapes. White space may follow ``<<``."""

_DIRECTIVE: Final = re.compile(rf"(?ais)#[{WHITESPACE}]*(syntax|escape|check)[\t\n\f\r ]*=(.*)")
_WITH_HEREDOCS: Final = frozenset(("ADD", "COPY", "RUN"))


class Dockerfile(NamedTuple):
    """A Dockerfile that has been parsed.

    Attributes:
        instructions: Its instructions. Their names and arguments have not been checked.
        escape: Its escape character.
        syntax: The frontend that ``# syntax=`` names; "" for BuildKit's own.
    """

    instructions: tuple[Instruction, ...]
    escape: str
    syntax: str


def parse_dockerfile(content: bytes) -> Dockerfile:
    """Parse a Dockerfile.

    Raises:
        DockerfileError: The Dockerfile is malformed.
        DockerfileLimitError: The Dockerfile is too large.
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
        self._number = 0
        self._lines = self._decode(content)

    def parse(self) -> Iterator[Instruction]:
        for line in self._lines:
            line = line.lstrip(WHITESPACE)  # noqa: PLW2901
            self._read_directive(line)
            if not line or line.startswith("#"):
                continue
            start = self._number
            source = self._join(line)
            with at_line(start):
                instruction = self._with_heredocs(_make_instruction(source, start, self.escape))
            yield instruction

    def _decode(self, content: bytes) -> Iterator[str]:
        for self._number, line in enumerate(content.removesuffix(b"\n").split(b"\n"), start=1):
            if len(line) > _MAX_LINE_SIZE:
                raise DockerfileError(f"a line is longer than {_MAX_LINE_SIZE} bytes", self._number)
            # Surrogates for bytes that aren't UTF-8, as in names of the file system, so that the two match.
            yield line.decode("utf-8", "surrogateescape").rstrip("\r\n")

    def _read_directive(self, line: str) -> None:
        match = _DIRECTIVE.fullmatch(line) if self._takes_directives else None
        value = match[2].strip("\t\n\f\r ") if match else ""
        if match is None or not value:
            self._takes_directives = False
            return
        key = match[1].lower()
        if key in self.directives:
            raise DockerfileError(f"the directive {key} is given twice", self._number)
        self.directives[key] = value
        if key == "escape":
            if value not in ("\\", "`"):
                raise DockerfileError(f"the escape character must be \\ or `, not {shorten(value)!r}", self._number)
            self.escape = value

    def _join(self, line: str) -> str:
        """Join a line with those that continue it; comments and empty lines between them don't count."""
        mark = re.escape(self.escape)
        continuation = re.compile(rf"(?<!{mark}){mark}[\t ]*\Z")
        parts = [line]
        while match := continuation.search(parts[-1]):
            parts[-1] = parts[-1][: match.start()]
            following = (line for line in self._lines if not (line.lstrip(WHITESPACE) or "#").startswith("#"))
            parts.append(next(following, ""))
        return "".join(parts)

    def _with_heredocs(self, instruction: Instruction) -> Instruction:
        inner = instruction
        if instruction.name == "ONBUILD" and instruction.arguments:
            inner = _make_instruction(instruction.arguments[0], instruction.line, self.escape)
        if inner.name not in _WITH_HEREDOCS or inner.is_json or "<<" not in instruction.source:
            return instruction
        marks = filter(None, map(parse_heredoc_word, _shell_words(instruction.source)))
        return instruction._replace(heredocs=tuple(map(self._read_heredoc, marks)))

    def _read_heredoc(self, heredoc: Heredoc) -> Heredoc:
        lines: list[str] = []
        for line in self._lines:
            if (line.lstrip("\t") if heredoc.strips_tabs else line) == heredoc.name:
                return heredoc._replace(content="".join(lines))
            lines.append(f"{line}\n")
        raise DockerfileError(f"unterminated heredoc: no line is {shorten(heredoc.name)!r}")


def _shell_words(source: str) -> list[str]:
    unknown = Variables()
    unknown.is_complete = False
    try:
        Shell().expand(source, unknown)
    except DockerfileError:
        return []  # BuildKit finds no words in a line that it can't parse
    return _SHELL_WORD.findall(source)


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
    text = text.lstrip(WHITESPACE)
    position = 0
    while text.startswith("--", position):
        word = _word_regex(escape, is_flag=True).match(text, position)
        assert word is not None  # noqa: S101 - it matches the dashes
        position = word.end()
        flag = _unquote(word[1], escape)
        if flag == "--":
            break
        flags.append(flag)
    return tuple(flags), text[position:]


@cache
def _word_regex(escape: str, *, is_flag: bool = False) -> re.Pattern[str]:
    """Return what a word matches that may have quotes. Only those of flags may have escapes in single quotes."""
    escape = re.escape(escape)
    double, single = (rf"{quote}(?:[^{quote}{escape}]|{escape}.)*+{quote}?" for quote in "\"'")
    single = single if is_flag else "'[^']*+'?"
    return re.compile(rf"((?:[^{WHITESPACE}'\"{escape}]|{escape}.|{double}|{single})++)[{WHITESPACE}]*+", re.DOTALL)


def _unquote(word: str, escape: str) -> str:
    """Remove the quotes and escapes of a flag."""
    result: list[str] = []
    quote = ""
    chars = iter(word)
    for char in chars:
        if char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        else:
            result.append(next(chars, "") if char == escape else char)
    return "".join(result)


def _split_arguments(form: Form, text: str, escape: str, name: str) -> tuple[tuple[str, ...], bool]:
    """Return the arguments of an instruction, and whether they are a JSON array."""
    match form:
        case "names":
            return tuple(_word_regex(escape).findall(text)), False
        case "names and values":
            return tuple(_names_and_values(text, escape, name)), False
        case "type and command":
            kind, *rest = re.split(f"[{WHITESPACE}]+", text, maxsplit=1)
            array = _string_array(rest[0]) if rest else None
            return (kind, *(rest if array is None else array)), array is not None
        case "instruction":
            _make_instruction(text, 0, escape)  # for its errors
    if form.endswith("JSON") and (array := _string_array(text)) is not None:
        return tuple(array), True
    return (tuple(_BLANKS.split(text)) if form.startswith("words") else (text,)), False


def _string_array(text: str) -> list[str] | None:
    """Return a JSON array of strings; None if it isn't JSON.

    Raises:
        DockerfileError: An element of the array is no string.
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
    words = _word_regex(escape).findall(text)
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
