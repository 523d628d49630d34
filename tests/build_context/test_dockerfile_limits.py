"""Hostile Dockerfiles: none of them takes more than bounded work, and exceeding a limit is reported."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peak_build_context.build_plan import plan_build
from peak_build_context.sources import BuildFiles
from peak_images_local.builds.simulate import plan_build as simulate

SCRATCH = "FROM scratch\n"
CIRCLE = "dockerfile-syntax"
LONG = "ENV A=" + "a" * 60_000 + "\n"


def problems(dockerfile, files=("a" * 60,)):
    return plan_build(dockerfile.encode(), BuildFiles(files)).problems


@pytest.mark.parametrize(
    ("dockerfile", "limit"),
    [
        (f"{SCRATCH}ENV A=xxxxxxxxxx\n" + "ENV A=$A$A\n" * 30, "Dockerfile:16: the value of A is longer than 131072"),
        (f"{SCRATCH}{LONG}" + "ENV B=$A$A\n" * 9_000, "expand to more than"),
        (f"{SCRATCH}{LONG}ENV B=" + "$A" * 15_000, "expand to more than"),
        (f"{SCRATCH}{LONG}ENV B=${{A//a/{'y' * 30_000}}}", "expand to more than"),
        (f"{SCRATCH}{LONG}" + "ENV B=${A##*a*b}\n" * 5_000, "expand to more than"),
        (f"{SCRATCH}ENV B=${{A##{'*a' * 200}}}", "longer than 256 characters"),
        (f"{SCRATCH}COPY {'${a:-' * 3000}x{'}' * 3000} /", "nested more than 50 deep"),
        (f"{SCRATCH}LABEL a={'x' * 60_000}\n" * 20, "larger than 1048576 bytes"),
        ("FROM scratch\n" * 10_001, "more than 10000 instructions"),
        (
            "FROM scratch AS x\n" + "ONBUILD RUN x\n" * 200 + "FROM x\n"
            + "".join(f"FROM x AS y{n}\n" for n in range(100))
            + "FROM scratch\n" + "".join(f"COPY --from=y{n} / /\n" for n in range(100)),
            "more than 10000 instructions",
        ),
    ],
)  # fmt: skip
def test_exceeded_limit_is_reported(dockerfile, limit):
    found = problems(dockerfile)

    assert found[-1].kind == "dockerfile-limit"
    assert limit in found[-1].message
    assert not found[-1].is_certain
    log = simulate({"source": "dockerfile", "dockerfile": dockerfile}, None, "image").lines
    assert log[-2:] == [f"ERROR: {found[-1].message}", "The build failed"]


@pytest.mark.no_cover
def test_comparing_wildcards_with_many_names_is_bounded():
    found = problems(f"{SCRATCH}COPY {' '.join(f's{n}*' for n in range(8_000))} /", [f"f{n}" for n in range(20_000)])

    assert [problem.kind for problem in found] == ["dockerfile-limit"]


@pytest.mark.parametrize(
    ("dockerfile", "kind"),
    [
        (f"{SCRATCH}COPY {'a*' * 11}b /x", "source-missing"),
        (f"{SCRATCH}COPY {'[' * 60_000} /x", "dockerfile-syntax"),
        (f"{SCRATCH}{LONG}COPY ${{A##{'*a' * 100}*b}}x /x", "source-missing"),
        (f"{SCRATCH}{LONG}COPY ${{A//a*a*a*b/}} /x", "source-missing"),
        (f"FROM {'a-' * 30_000}_", "dockerfile-syntax"),
        (f"{SCRATCH}HEALTHCHECK --interval={'1' * 60_000} CMD x", "dockerfile-syntax"),
        (f"{SCRATCH}COPY --chmod={'u' * 60_000} a /x", "dockerfile-syntax"),
        ("".join(f"FROM x AS a{n}\nCOPY --from=a{n + 1} / /\n" for n in range(999)) + "FROM a0 AS a999", CIRCLE),
    ],
)  # fmt: skip
def test_patterns_take_linear_time(dockerfile, kind):
    """A backtracking matcher would be at it for years: the timeout of tests ends it."""
    assert problems(dockerfile)[0].kind == kind


@pytest.mark.parametrize("depth", [100, 20_000])
@pytest.mark.parametrize("command", ["RUN", "CMD", "ENTRYPOINT"])
def test_nested_brackets_that_are_no_json_are_a_command(command, depth):
    assert problems(f"{SCRATCH}{command} {'[' * depth}") == ()


def test_no_more_than_so_many_problems_are_reported():
    assert len(problems(f"{SCRATCH}ENV A=nope\nCOPY {'$A ' * 5_000} /x\n" + "COPY nope /\n" * 500)) == 20
    assert len(problems(SCRATCH + "COPI a /\n" * 500)) == 20


NAMES = "FROM scratch x AS a COPY ADD RUN ENV ARG ONBUILD EXPOSE LABEL SHELL HEALTHCHECK CMD"
FLAGS = "--from= --from=a --mount=type=bind,source=x --mount= --chmod= --exclude= --parents --platform="
MARKS = "$A ${A ${A:-b} ${A##*} ${A/x/ } A=b <<EOF <<-'E' [ ] \" ' \\ ` * ** [a] / /./ .. # = , @ : - git@x:y"
LINES = ("\nEOF\n", "\\\n", "# escape=`", "# syntax=", "\nFROM x\n", "\nFROM a\n", "\r", "\0", "\x85", "\udce9", "\n")
WORDS = st.sampled_from([*f"{NAMES} {FLAGS} {MARKS}".split(), *LINES])


@pytest.mark.no_cover
@given(
    st.lists(WORDS, max_size=40), st.sampled_from(["", " "]), st.sampled_from(["", "FROM scratch\n", "FROM x AS a\n"])
)
@settings(max_examples=500, deadline=None)
def test_no_dockerfile_makes_the_evaluation_raise(words, blank, beginning):
    content = (beginning + blank.join(words)).encode("utf-8", "surrogateescape")

    plan = plan_build(content, BuildFiles(["a", "b/c", "d"]), {"A": "a"})

    assert all(problem.message.isprintable() for problem in plan.problems)
    assert all(step.text.isprintable() for step in plan.steps)
