"""Ignore files and Dockerfiles of any text and of any bytes: a report, or an error of this package."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from peak_images import ArtifactError, inspect_artifact

PATTERN_PARTS = st.sampled_from(
    [
        "*",
        "**",
        "?",
        "!",
        "#",
        "/",
        "\\",
        "[",
        "]",
        "[a-",
        "[^",
        ".",
        "..",
        " ",
        "\t",
        "\ufeff",
        "a",
        "b.py",
        "src",
        "\0",
    ]
)
PATTERNS = st.lists(PATTERN_PARTS, max_size=8).map("".join) | st.text(max_size=20)
TEXTS = st.lists(PATTERNS, max_size=6).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n", "\r"]).map(lambda end: end.join(lines).encode("utf-8", "replace"))
)
FUZZED = settings(
    deadline=None,
    max_examples=250,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def directory():
    """A small tree, the same for all examples but for the file in question."""
    made = Path(tempfile.mkdtemp()).resolve()
    (made / "src/a").mkdir(parents=True)
    for name in ("Dockerfile", "a", "b.py", "src/b.py", "src/a/b.py"):
        (made / name).write_text("FROM scratch\n")
    yield made
    shutil.rmtree(made)


def _inspect(directory):
    try:
        seen = inspect_artifact(directory)
    except ArtifactError as error:
        seen = error
    assert isinstance(f"{seen} {seen!r}", str)


@FUZZED
@given(content=TEXTS | st.binary(max_size=60))
@example(content=b"!")
@example(content=b"[[a]")
@example(content=b"[a||b]")
@example(content=b"[")
@example(content=b"\\")
@example(content=b"\xff\xfe")
@example(content=b"**/" * 200 + b"a")
@example(content=b"*a" * 40)
@example(content=b"(" * 50)
def test_any_ignore_file_gives_a_report_or_an_error(directory, content):
    (directory / ".dockerignore").write_bytes(content)
    try:
        _inspect(directory)
    finally:
        (directory / ".dockerignore").unlink()


INSTRUCTIONS = st.lists(
    st.sampled_from(
        ["FROM a", "COPY", "ADD", "ARG x", " . ", " --from=b ", '["a",', "\\\n", "<<E", "# escape=`", "$x", "a"]
    )
    | st.text(max_size=10),
    max_size=10,
).map(" ".join)


@FUZZED
@given(content=INSTRUCTIONS.map(lambda text: text.encode("utf-8", "replace")) | st.binary(max_size=60))
@example(content=b"COPY [")
@example(content=b"FROM ${")
@example(content=b"COPY <<E /a")
def test_any_dockerfile_gives_a_report_or_an_error(directory, content):
    kept = (directory / "Dockerfile").read_bytes()
    (directory / "Dockerfile").write_bytes(content)
    try:
        _inspect(directory)
    finally:
        (directory / "Dockerfile").write_bytes(kept)
