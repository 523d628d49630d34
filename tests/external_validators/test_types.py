"""A user's code, validated by the type checkers that users have."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PYRIGHT = "pyright@1.1.414"
MISTAKES = "typed_mistakes.py"


def cells() -> dict[str, str]:
    """Return each cell of the documented code, below the import and the cells that make the names that it uses."""
    _, *parts = (HERE / "documented_cells.py").read_text(encoding="utf-8").split("# %% ")
    sources = {title: source for title, _, source in (part.partition("\n") for part in parts)}
    first = sources.pop("import")
    made = {
        "upload_image": 'client_create_image(body={}, artifact={"path": "."})',
        "upload_version": "client_create_version(1, {})",
    }
    found = {"import": first}
    for title, source in sources.items():
        stored = {node.id for node in names(source) if isinstance(node.ctx, ast.Store)}
        used = {node.id for node in names(source)} - stored
        above = [f"{name} = {call.replace('client_', 'image_client.')}" for name, call in made.items() if name in used]
        found[title] = "\n".join([first, *above, source])
    return found


def names(source: str) -> list[ast.Name]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with everything to check. It is another one, so that this project's own settings don't apply."""
    directory = tmp_path_factory.mktemp("typed")
    for name in ("typed_user.py", MISTAKES):
        shutil.copy(HERE / name, directory / name)
    for title, source in cells().items():
        (directory / f"cell_{title.replace(' ', '_')}.py").write_text(source, encoding="utf-8")
    return directory


def expected() -> set[int]:
    lines = (HERE / MISTAKES).read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if "# error" in line and "``" not in line}


def test_mypy_finds_the_mistakes_and_no_others(place: Path) -> None:
    # Each file by itself: cells use the same names for values of different types.
    files = sorted(path.name for path in place.glob("*.py"))
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--warn-unused-ignores",
        f"--cache-dir={place / 'cache'}",
        *files,
    ]
    run = subprocess.run(command, check=False, capture_output=True, text=True, cwd=place)
    found = re.findall(r"^(\S+?):(\d+): error: (.*)$", run.stdout, re.MULTILINE)
    assert [one for one in found if one[0] != MISTAKES] == []
    assert {int(line) for _, line, _ in found} == expected(), run.stdout


@pytest.mark.timeout(300)
def test_pyright_finds_the_mistakes_and_no_others(place: Path) -> None:
    npx = shutil.which("npx")
    if npx is None:
        pytest.skip("pyright runs on Node.js, which is not here")
    settings = {"typeCheckingMode": "strict", "reportUnusedExpression": False, "reportMissingModuleSource": False}
    (place / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [npx, "--yes", PYRIGHT, "--outputjson", "--pythonpath", sys.executable, "--project", str(place)]
    run = subprocess.run(command, check=False, capture_output=True, text=True, cwd=place)
    problems = [
        (Path(one["file"]).name, one["range"]["start"]["line"] + 1, one["message"])
        for one in json.loads(run.stdout)["generalDiagnostics"]
        if one["severity"] == "error"
    ]
    assert [one for one in problems if one[0] != MISTAKES] == []
    assert {line for _, line, _ in problems} == expected(), problems


@pytest.mark.parametrize(
    "command",
    [
        ("pyrefly", "check", "--preset", "strict", "--output-format", "min-text", "--python-interpreter-path"),
        ("ty", "check", "--output-format", "concise", "--python"),
    ],
    ids=lambda command: command[0],
)
def test_newer_checker_finds_the_mistakes_and_no_others(place: Path, command: tuple[str, ...]) -> None:
    program = Path(sys.executable).with_name(command[0])
    run = subprocess.run(
        [program, *command[1:], sys.executable], check=False, capture_output=True, text=True, cwd=place
    )
    found = re.findall(r"^(?:ERROR )?(\S+?):(\d+):\S+ .*$", run.stdout, re.MULTILINE)
    assert [one for one in found if one[0] != MISTAKES] == [], run.stdout
    assert {int(line) for _, line in found} == expected(), run.stdout + run.stderr
