"""Dockerfiles, read into steps and checked against a build context."""

import pytest

from peak_images_local.builds.dockerfile import DockerfileError, read_dockerfile
from peak_images_local.storage.archive import Context

CONTEXT = Context(
    {"app/main.py": 1, "app/data/a.json": 1, "setup.cfg": 1, "a b.txt": 1}, frozenset({"", "app", "app/data"})
)


def _problems(text, **arguments):
    steps = read_dockerfile(f"FROM base\n{text}\n", CONTEXT, arguments)
    return [step.error for step in steps if step.error], [line for step in steps for line in step.warnings]


@pytest.mark.parametrize(
    "text",
    [
        "COPY . /",
        "COPY / /",
        "COPY ./app/ /app",
        "COPY app app/main.py setup.cfg /",
        "COPY *.cfg /",
        "COPY app/*.py setup.* /",
        "COPY app/d?t[a] /",
        "COPY app/**/a.json /",
        'COPY ["a b.txt", "/"]',
        'COPY "a b.txt" /',
        "COPY /setup.cfg /",
        "COPY ../setup.cfg /",
        "COPY --chown=me:me --link app /app",
        "COPY --from=alpine:3 /etc/passwd /",
        "ADD https://example.com/a.tgz /",
        "ADD git@github.com:a/b.git /",
        "COPY <<EOF /x\nCOPY missing /\nEOF",
        "ARG DIR=app\nCOPY ${DIR}/main.py /",
        "ARG DIR\nCOPY ${DIR:-app}/main.py /",
        "ENV DIR=app\nCOPY $DIR /",
        "COPY $FROM_THE_BASE_IMAGE/file /",
        "copy setup.cfg /",
    ],
)
def test_sources_that_are_there(text):
    assert _problems(text) == ([], [])


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("COPY missing /", "missing"),
        ("COPY setup.cfg missing /", "missing"),
        ("COPY app/main /", "app/main"),
        ("COPY setup.cfg/x /", "setup.cfg/x"),
        ("COPY Setup.cfg /", "Setup.cfg"),
        ("ADD missing.tgz /", "missing.tgz"),
        ("ARG DIR=other\nCOPY ${DIR}/main.py /", "${DIR}/main.py"),
        ("ENV DIR=other\nCOPY $DIR /", "$DIR"),
    ],
)
def test_sources_that_are_not_there(text, source):
    assert _problems(text) == ([f'"{source}" is not in the build context: no such file or directory'], [])


def test_a_pattern_may_match_nothing():
    assert _problems("COPY setup.cfg requirements*.txt /") == (
        [],
        ['"requirements*.txt" matches nothing in the build context'],
    )


def test_arguments_come_before_defaults():
    assert _problems("ARG DIR=other\nCOPY $DIR /", DIR="app") == ([], [])
    assert _problems("ARG DIR=app\nCOPY $DIR /", DIR="other")[0]
    assert _problems("COPY $DIR/main.py /", DIR="app") == ([], [])  # not declared: it may be the base image's


def test_arguments_before_the_first_stage_must_be_declared_in_it():
    text = "ARG DIR=app\nFROM base\nARG DIR\nCOPY $DIR /\nFROM other\nARG DIR=none\nCOPY $DIR /"

    errors = [step.error for step in read_dockerfile(text, CONTEXT, {}) if step.error]

    assert len(errors) == 1


def test_stages():
    text = "FROM a AS One\nRUN x\nFROM b\nCOPY --from=0 / /\nCOPY --from=one / /\nCOPY --from=1 / /\n"

    steps = read_dockerfile(text, CONTEXT, {})

    assert [(step.stage, step.number) for step in steps] == [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (2, 4)]
    assert [step.error for step in steps if step.error] == ["--from=1: there is no earlier stage 1"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no FROM"),
        ("# only a comment", "no FROM"),
        ("ARG A=1", "no FROM"),
        ("RUN x", "RUN comes before FROM"),
        ("FROM", "FROM needs an argument"),
        ("FROM a b", "FROM takes an image"),
        ("FROM a AS", "FROM takes an image"),
        ("FROM $UNSET", "blank"),
        ("FROM a\nCOPY x", "source and a destination"),
        ("FROM a\nCOPY", "COPY needs an argument"),
        ("FROM a\nNONSENSE", "line 2: unknown instruction: NONSENSE"),
        ("FROM a\nENV A", "ENV must have two arguments"),
        ("FROM a\nRUN <<EOF\nx", "unterminated heredoc"),
        ("# escape=x\nFROM a", "escape"),
    ],
)
def test_dockerfiles_that_cannot_be_built(text, words):
    with pytest.raises(DockerfileError, match=words):
        read_dockerfile(text, CONTEXT, {})


def test_a_platform_is_known():
    assert read_dockerfile("FROM --platform=$BUILDPLATFORM golang:$TARGETARCH", CONTEXT, {})
