"""Every code block of the documentation runs, against the local service.

The blocks of a page are one story: they share their names, their folder and their service.

- ``python`` is run; a block of tests is run by pytest, in a process of its own; a file of its own is compiled;
- ``bash`` is run line by line of its kind, and ends well;
- ``text`` is what the block before it has printed, where ``...`` stands for anything;
- a block with a ``title`` is a file, and is written before it is run;
- ``yaml``, ``toml`` and ``json`` are parsed.

A comment ``<!-- skip: next -->`` before a block leaves it out: it would install something, or never end.
A comment ``<!-- invisible-code: python`` … ``-->`` is run and isn't shown.
"""

from __future__ import annotations

import doctest
import json
import re
import subprocess
import sys
import tomllib
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
import yaml
from sybil import Sybil
from sybil.parsers.markdown import SkipParser
from sybil.parsers.markdown.lexers import DirectiveInHTMLCommentLexer, FencedCodeBlockLexer

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SKIPPED = re.compile(
    r"pip install|peak-images serve|peak-images-local|peak-images demo|scripts/|service_table|--install-completion"
)
"""What a block that is left out has to be about."""

WIDTH = 86
"""How many columns of code a page has room for."""

_TITLE = re.compile(r'\btitle="(?P<name>[^"]+)"')
_TESTS = re.compile(r"^(async )?def test_", re.MULTILINE)
_OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class BlockError(AssertionError):
    """A block isn't true."""


def blocks(document):
    """All blocks that say what language they are in."""
    lexers = (
        FencedCodeBlockLexer(r"[^\n]+", mapping={"language": "info", "source": "source"}),
        DirectiveInHTMLCommentLexer("invisible-code", r"\w+", mapping={"arguments": "info", "source": "source"}),
    )
    for lexer in lexers:
        for region in lexer(document):
            region.parsed = region.lexemes["source"]
            region.evaluator = check
            yield region


def check(example):
    """Do with a block what its language asks for."""
    info, source = example.region.lexemes["info"], str(example.parsed)
    language = info.split()[0]
    if title := _TITLE.search(info):
        Path(title["name"]).parent.mkdir(parents=True, exist_ok=True)
        Path(title["name"]).write_text(source, encoding="utf-8")
    if language not in CHECKS:
        raise BlockError(f"nobody knows how to check {language!r}")
    CHECKS[language](source, example)


def run_python(source, example):
    if _TESTS.search(source):
        run_tests(source)
        return
    line = example.line + example.parsed.line_offset
    code = compile("\n" * line + source, example.path, "exec", dont_inherit=True)
    if _TITLE.search(example.region.lexemes["info"]):
        return
    output = StringIO()
    with redirect_stdout(output):
        exec(code, example.namespace)
    example.document.output = output.getvalue()


def run_tests(source):
    Path("test_of_the_page.py").write_text(source, encoding="utf-8")
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_of_the_page.py"]
    run(command)


def run_bash(source, example):
    example.document.output = run(["bash", "-euo", "pipefail", "-c", source])


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    if done.returncode:
        raise BlockError(f"ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def compare(source, example):
    printed, example.document.output = getattr(example.document, "output", None), None
    if printed is None:
        raise BlockError("nothing has printed this")
    wanted = source.replace("…", "...")
    checker = doctest.OutputChecker()
    if not checker.check_output(wanted, printed.replace("…", "..."), _OPTIONS):
        shown = doctest.Example("", wanted)
        raise BlockError(checker.output_difference(shown, printed, _OPTIONS | doctest.REPORT_NDIFF))


CHECKS = {
    "python": run_python,
    "bash": run_bash,
    "text": compare,
    "yaml": lambda source, _: yaml.safe_load(source),
    "toml": lambda source, _: tomllib.loads(source),
    "json": lambda source, _: json.loads(source),
    "dockerfile": lambda *_: None,
}


def parse(page):
    return Sybil(parsers=[blocks, SkipParser()]).parse(page)


def name_of(page):
    return str(page.relative_to(ROOT))


@pytest.mark.timeout(300)  # a page may start dozens of processes
@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_blocks_of_a_page_are_true(page, service, folder, quick, commands):
    document = parse(page)
    document.namespace["__name__"] = "page"
    for example in document.examples():
        if page.name == "README.md" and example.region.lexemes.get("info") == "bash":
            continue  # these commands run the checks themselves
        try:
            example.evaluate()
        except BlockError as error:
            pytest.fail(f"{name_of(page)}:{example.line}: {error}", pytrace=False)
        except Exception as error:
            error.add_note(f"in {name_of(page)}:{example.line}")
            raise


@pytest.mark.parametrize("page", PAGES[1:], ids=name_of)
def test_only_what_cannot_run_here_is_left_out(page):
    text = page.read_text(encoding="utf-8")
    for left_out in re.findall(r"<!-- skip: next -->\s*```[^\n]*\n(.*?)```", text, re.DOTALL):
        assert SKIPPED.search(left_out), left_out
    assert text.count("<!-- skip:") == text.count("<!-- skip: next -->")


@pytest.mark.parametrize("page", PAGES[1:], ids=name_of)
def test_no_line_of_code_is_wider_than_the_page(page):
    for example in parse(page).examples():
        if example.region.lexemes.get("info", "text").split()[0] != "text":
            assert [line for line in str(example.parsed).splitlines() if len(line) > WIDTH] == []


def test_every_public_name_is_in_the_reference():
    import peak_images
    import peak_images_local

    text = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "reference").glob("*.md"))
    public = [f"peak_images.{name}" for name in peak_images.__all__ if name != "__version__"]
    public += [f"peak_images_local.{name}" for name in peak_images_local.__all__]
    assert [name for name in public if not re.search(rf"^::: {re.escape(name)}$", text, re.MULTILINE)] == []
