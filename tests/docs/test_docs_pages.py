"""Every code block of the documentation runs, against the local service.

The blocks of a page share their names, their working directory and their service.

- ``python`` is run; a block of tests is run by pytest, in a process of its own; a file of its own is compiled;
- ``bash`` is run, and must exit 0;
- ``text`` is the output of the block before it; a line ``...`` stands for any lines, and ``docs_outputs.VARYING`` lists
  the kinds of values that differ from run to run;
- a block with a ``title`` is a file, and is written before it is run;
- ``yaml``, ``toml`` and ``json`` are parsed.

A comment ``<!-- skip: next -->`` before a block excludes it: it would install something, or never end.
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

from docs_outputs import HOME, mask

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SKIPPED = re.compile(
    r"pip install|peak-images serve|peak-images-local|peak-images demo|scripts/|service_table|--install-completion"
)
"""The subjects of blocks that may be skipped."""

WIDTH = 86
"""The number of columns of code that fit on a page."""

_TITLE = re.compile(r'\btitle="(?P<name>[^"]+)"')
_TESTS = re.compile(r"^(async )?def test_", re.MULTILINE)
_OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class BlockError(AssertionError):
    """A block failed, or printed something else than the page shows."""


def blocks(document):
    """Yield all blocks with a language."""
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
    """Check a block by its language."""
    info, source = example.region.lexemes["info"], str(example.parsed)
    language = info.split()[0]
    if title := _TITLE.search(info):
        Path(title["name"]).parent.mkdir(parents=True, exist_ok=True)
        Path(title["name"]).write_text(source, encoding="utf-8")
    if language not in CHECKS:
        raise BlockError(f"unknown language: {language!r}")
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
        raise BlockError("the block before has no output")
    wanted = mask(source.replace("…", "..."))
    printed = mask(printed.replace(str(Path.cwd().parent), HOME).replace("…", "..."))
    checker = doctest.OutputChecker()
    if not checker.check_output(wanted, printed, _OPTIONS):
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
    "yaml+jinja": lambda *_: None,  # a template is no YAML until it is rendered, by the command below it
}


def parse(page):
    return Sybil(parsers=[blocks, SkipParser()]).parse(page)


def name_of(page):
    return str(page.relative_to(ROOT))


@pytest.mark.timeout(300)  # a page may start dozens of processes
@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_code_blocks_of_a_page_run(page, service, workdir, quick, commands):
    document = parse(page)
    document.namespace["__name__"] = "page"
    for example in document.examples():
        if page.name == "README.md" and example.region.lexemes.get("info") == "bash":
            continue  # these commands run this test
        try:
            example.evaluate()
        except BlockError as error:
            pytest.fail(f"{name_of(page)}:{example.line}: {error}", pytrace=False)
        except Exception as error:
            error.add_note(f"in {name_of(page)}:{example.line}")
            raise


@pytest.mark.parametrize("page", PAGES[1:], ids=name_of)
def test_only_blocks_that_cannot_run_here_are_skipped(page):
    text = page.read_text(encoding="utf-8")
    for skipped in re.findall(r"<!-- skip: next -->\s*```[^\n]*\n(.*?)```", text, re.DOTALL):
        assert SKIPPED.search(skipped), skipped
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
    # The page of the models lists all of them.
    public = [f"peak_images.{name}" for name in peak_images.__all__ if name not in ("__version__", "models")]
    public += [f"peak_images_local.{name}" for name in peak_images_local.__all__]
    assert [name for name in public if not re.search(rf"^::: {re.escape(name)}$", text, re.MULTILINE)] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_outputs_show_real_values(page):
    """An ellipsis stands for lines that are left out, never for a part of a value."""
    for example in parse(page).examples():
        if example.region.lexemes.get("info", "").split()[:1] == ["text"]:
            elided = [line for line in str(example.parsed).splitlines() if "..." in line.strip()[:-3]]
            assert elided == []


def test_readme_links_work_on_a_package_index():
    """Links are relative until the repository has an address; then they must be absolute."""
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    relative = [target for target in re.findall(r"\]\(([^)#]+)\)", readme) if "://" not in target]
    if "Repository" in urls:
        assert relative == []
    else:
        assert [target for target in relative if not (ROOT / target).exists()] == []
        assert "Links in this page are relative until the repository has a public address." in readme
