"""The table at the end of ``scripts/test``: what ran, what was skipped and why."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent.parent / "scripts/summary.py"

PYTEST = """\
collected 9 items
..s
=========================== short test summary info ============================
SKIPPED [2] tests/external_validators/test_prism.py:31: Node.js is not here
SKIPPED [1] tests/unit/test_saving.py:76: root may write everywhere: always
"""


def environment(*outputs, success=True, skipped=False, version=(3, 11, 7, "final", 0)):
    return {
        "python": {"version_info": list(version)},
        "test": [{"command": ["x"], "output": output} for output in outputs],
        "result": {"success": success, "exit_code": int(not success), "duration": 12.3, "skipped": skipped},
    }


@pytest.fixture
def summary_lines(tmp_path):
    def of(**environments):
        (tmp_path / "result.json").write_text(json.dumps({"testenvs": environments}))
        return subprocess.check_output([sys.executable, SCRIPT, tmp_path / "result.json"], text=True).splitlines()

    return of


def test_tests_are_counted_over_all_commands_and_environments(summary_lines):
    lines = summary_lines(
        py311=environment(PYTEST + "======= 1201 passed, 3 skipped, 2 warnings in 40.73s =======\n"),
        faults=environment("5 passed in 1.00s\n", "1 failed, 2 passed, 1 error in 1.00s (0:01:00)\n", success=False),
        lint=environment("All checks passed!\n"),
    )
    assert lines[2:5] == [
        "| py311 | passed | 12 | 1201 |  | 3 |",
        "| faults | FAILED | 12 | 7 | 2 |  |",
        "| lint | passed | 12 |  |  |  |",
    ]
    assert lines[-2:] == ["0 min 37 s in all environments", "1208 passed, 2 failed, 3 skipped"]


def test_skipped_tests_are_listed_with_the_reason(summary_lines):
    lines = summary_lines(
        judges=environment(PYTEST),
        contract=environment("skipped: the linting of the contract, which needs Node.js\n"),
        py313=environment(skipped=True, version=(3, 13, 0, "", 0)),
    )
    assert lines[lines.index("Skipped, and why:") + 1 : -3] == [
        "  judges: 2 × Node.js is not here",
        "  judges: 1 × root may write everywhere: always",
        "  contract: 1 × the linting of the contract, which needs Node.js",
        "  py313: there is no Python 3.13 here",
    ]
    assert "| py313 | skipped | 12 |  |  |  |" in lines


def test_selection_of_tests_by_a_command_is_listed(summary_lines):
    chosen = environment(PYTEST)
    chosen["test"][0]["command"] = ["pytest", "-k", "not trio", "tests/integration"]

    assert "  py313: what its command leaves out by -k 'not trio'" in summary_lines(py313=chosen)


def test_what_did_not_run_is_not_in_the_table(summary_lines):
    assert summary_lines(**{".pkg": {"python": {}}}) == [
        *summary_lines()[:2],
        "",
        "Nothing was skipped.",
        "",
        "0 min 0 s in all environments",
        "0 passed, 0 failed, 0 skipped",
    ]


def test_colours_of_a_terminal_are_no_part_of_the_counts(summary_lines):
    coloured = (
        "\x1b[33mSKIPPED\x1b[0m [2] tests/unit/test_saving.py:76: root may write everywhere\r\n"
        "\x1b[32m======= \x1b[32m\x1b[1m1201 passed\x1b[0m, \x1b[33m2 skipped\x1b[0m, \x1b[33m2 warnings\x1b[0m"
        "\x1b[32m in 40.73s (0:00:40)\x1b[0m\x1b[32m =======\x1b[0m\r\n"
    )
    links = "\x1b]8;;https://example.com\x1b\\\x1b[31m\x1b[1m1 failed\x1b[0m, 3 passed in 1.00s\x1b]8;;\x07\n"
    lines = summary_lines(py311=environment(coloured), faults=environment(links, success=False))

    assert lines[2:4] == ["| py311 | passed | 12 | 1201 |  | 2 |", "| faults | FAILED | 12 | 3 | 1 |  |"]
    assert "  py311: 2 × root may write everywhere" in lines
    assert lines[-1] == "1204 passed, 1 failed, 2 skipped"
