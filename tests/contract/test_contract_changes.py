"""The summary of changes: what it finds, in which direction, and which version it asks for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract_changes import find_changes, summary
from contract_versions import VersionError, check_version
from schema_changes import Impact

FROZEN = Path(__file__).with_name("contract.yaml").read_text(encoding="utf-8")
SCRIPTS = Path(__file__).parents[2] / "scripts"


def edited(*edits: dict[str, str]) -> dict[str, Any]:
    """Return the contract with texts replaced, each at its first place."""
    text = FROZEN
    for edit in edits:
        assert edit["old"] in text, edit
        text = text.replace(edit["old"], edit["new"], 1)
    contract: dict[str, Any] = yaml.safe_load(text)
    return contract


CASES = {
    case["change"]: case
    for case in yaml.safe_load(Path(__file__).with_name("changes.yaml").read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("name", CASES)
def test_change_is_one_line_with_field_direction_and_operations(name: str) -> None:
    old, new = edited(), edited(*CASES[name]["edits"])

    assert summary(old, new, find_changes(old, new)).splitlines()[2:] == CASES[name]["summary"]


@pytest.mark.parametrize("name", CASES)
def test_impact_of_a_change_decides_on_the_version(name: str) -> None:
    old, new = edited(), edited(*CASES[name]["edits"])
    changes = find_changes(old, new)
    impact = Impact[CASES[name]["impact"].upper()]

    assert max(change.impact for change in changes) == impact
    for version in ("1.0.0", "1.0.1", "1.1.0", "2.0.0"):
        new["info"]["version"] = version
        if {"1.0.0": 0, "1.0.1": 0, "1.1.0": 1, "2.0.0": 2}[version] >= impact:
            check_version(old, new, changes)
        else:
            wanted = {Impact.ADDITION: "1.1.0", Impact.BREAKING: "2.0.0"}[impact]
            with pytest.raises(VersionError, match=f"so {version} must be {wanted}"):
                check_version(old, new, changes)


def test_unchanged_contract_has_no_changes() -> None:
    assert find_changes(edited(), edited()) == []


@pytest.mark.parametrize("version", ["1.2.0", "3.0.0", "1.0.2", "2.0.1", "1.1.1"])
def test_version_that_skips_a_number_is_refused(version: str) -> None:
    new = edited()
    new["info"]["version"] = version
    with pytest.raises(VersionError, match=r"must be 1\.0\.1"):
        check_version(edited(), new, [])


@pytest.mark.parametrize("version", ["0.9.0", "0.0.1"])
def test_contract_version_is_never_lowered(version: str) -> None:
    new = edited()
    new["info"]["version"] = version
    with pytest.raises(VersionError, match=r"is older than the released 1\.0\.0; set it to 1\.0\.1"):
        check_version(edited(), new, [])


@pytest.mark.parametrize("version", ["1.1", "v1.1.0", "1.1.0-beta", "01.1.0", 1.1, None])
def test_version_that_is_not_three_numbers_is_refused(version: Any) -> None:
    new = edited()
    new["info"]["version"] = version
    with pytest.raises(VersionError, match="isn't a version like"):
        check_version(edited(), new, [])


def test_summary_does_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    edits = [
        edit for name in ("new required request field", "final state", "media type") for edit in CASES[name]["edits"]
    ]
    (tmp_path / "new.yaml").write_text(yaml.safe_dump(edited(*edits), sort_keys=False), encoding="utf-8")
    (tmp_path / "old.yaml").write_text(FROZEN, encoding="utf-8")
    program = (
        "import yaml, contract_changes as c; old, new = (yaml.safe_load(open(n)) for n in ('old.yaml', 'new.yaml'));"
        "print(c.summary(old, new, c.find_changes(old, new)))"
    )
    outputs = {
        subprocess.check_output(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(SCRIPTS)},
        )
        for seed in (0, 1, 2)
    }

    assert len(outputs) == 1
