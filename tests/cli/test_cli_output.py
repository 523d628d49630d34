"""CSV, chosen columns, tables that fit, ages and durations."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest

from peak_images_cli.terminal import strip_control_chars
from peak_images_cli.values import duration_of, readable_duration


def test_csv_has_exact_values(run, seed):
    seed.image("weather, today", description='a "b"\nc')

    rows = list(csv.DictReader(run("list", "-o", "csv").out.splitlines(keepends=True)))
    assert rows[0]["name"] == "weather, today"
    assert rows[0]["latestVersion.createdAt"].endswith("Z")
    described = next(csv.DictReader(run("describe", 101, "-o", "csv").out.splitlines(keepends=True)))
    assert described["latestVersion.description"] == 'a "b"\nc'


def test_chosen_columns_in_every_form(run, seed):
    seed.image("weather")
    columns = ("--columns", "name,latestVersion.version")

    assert run("list", *columns, "-o", "csv").out == "name,latestVersion.version\nweather,0.0.1\n"
    assert run("list", *columns, "-o", "table").out == "NAME     LATEST\nweather  0.0.1\n"
    assert run("list", *columns).json["images"] == [{"name": "weather", "latestVersion.version": "0.0.1"}]
    assert run("list", *columns, "-o", "yaml").out.endswith("- name: weather\n  latestVersion.version: 0.0.1\n")


def test_unknown_column_names_the_fields(run, seed):
    seed.image()
    ended = run("list", "--columns", "nme")

    assert ended.code == 2
    assert "--columns: there is no field 'nme'" in ended.err
    assert "latestVersion.status" in ended.err


@pytest.mark.parametrize("width", [60, 80, 120])
def test_table_fits_the_terminal_without_breaking_rows_or_states(terminal, seed, width):
    name = "a-rather-long-name-of-an-image-for-forecasts"
    image = seed.image(name, dockerfile="FROM nginx\nCOPY missing /", description="word " * 30)
    seed.image("b")

    for argv in (["list"], ["list-versions", image["imageId"]], ["list-builds", image["imageId"]]):
        shown = terminal(*argv, COLUMNS=str(width), NO_COLOR="1")
        assert shown.end() == 0
        lines = [strip_control_chars(line) for line in shown.shown.splitlines()]
        assert max(map(len, lines)) <= width
        if argv == ["list"]:
            assert lines[-1].startswith("Hidden: ") == ("TAGS" not in lines[0])
        lines = [line for line in lines if not line.startswith("Hidden: ")]
        assert len(lines) == (3 if argv == ["list"] else 2)
        if argv == ["list"]:
            assert any("not-ready" in line and "a-rather-lo" in line and "…" in line for line in lines)


def test_builds_have_durations_and_ages(run, seed, known_service):
    image = seed.image()
    header, row = run("list-builds", image["imageId"], "-o", "table").out.splitlines()

    assert "DURATION" in header
    assert " ago" in row or "just now" in row
    by_name = run("list-builds", image["imageId"], "-o", "csv", "--columns", "duration").out.splitlines()
    assert float(by_name[1]) >= 0


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (59.9, "59s"), (61, "1m 01s"), (3600, "1h 00m"), (90061, "25h 01m")]
)
def test_readable_duration(seconds, text):
    assert readable_duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    "build",
    [
        {},
        {"startedAt": None, "finishedAt": None},
        {"startedAt": "yesterday"},
        {"startedAt": "2024-13-45T99:00:00Z"},
        {"startedAt": "2024-01-01T00:00:00Z", "finishedAt": "later"},
    ],
)
def test_no_duration_without_readable_times(build):
    assert duration_of(build) is None


def test_clock_skew_gives_no_negative_duration():
    build = {"startedAt": "2024-01-01T00:00:05.000Z", "finishedAt": "2024-01-01T00:00:00.000Z"}
    assert duration_of(build) == timedelta()


def test_default_form_of_logs_is_text(run):
    assert "json, yaml or csv (default: text)" in " ".join(run("logs", "--help").out.split())
    assert "(default: table on a terminal, else json)" in " ".join(run("list", "--help").out.split())


def test_excluded_files_are_listed_by_both_keys(done, weather):
    shown = done("pack", "weather")
    assert [row["name"] for row in shown["excluded"]] == ["keys.env"]
    assert shown["leftOut"] == shown["excluded"]
