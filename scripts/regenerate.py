"""Write the generated package from the contract, and the synchronous twin from the asynchronous source.

Everything is written to a temporary directory first and compared with the tree, so that ``--check`` and a plain run do
the same work, and an interrupted run leaves the tree unchanged.
"""

from __future__ import annotations

import argparse
import filecmp
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import openapi_python_client
import unasync
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser.errors import GeneratorError, ParseError

from contract_changes import find_changes, summary
from contract_document import ContractError
from contract_file import ContractFileError, load_contract
from contract_hints import check_hints
from contract_normal import for_generator, normalize
from contract_versions import VersionError, check_version
from handwritten import check_names, find_misfits, find_stale_fields, find_stale_operations, find_unhandled
from render_docs import render_pages
from render_modules import render_modules
from render_operations import describe_operations
from schema_changes import Impact

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = Path("openapi/images.yaml")
RELEASED = Path("openapi/released.yaml")
"""The contract as of the last release: what changes are compared with."""
LINTER = "@redocly/cli@2.77.0"
TEMPLATES = Path("openapi/templates")
GENERATED = Path("generated/peak_images_api")
ASYNC = Path("wrapper/peak_images/_async")
SYNC = Path("wrapper/peak_images/_sync")

HEADER = "# Written by scripts/regenerate from {source}. Do not edit: change the source and run scripts/regenerate.\n"

SYNC_NAMES = {
    "AsyncImage": "Image",
    "AsyncCleanupOperations": "CleanupOperations",
    "AsyncCollected": "Collected",
    "AsyncDeployOperations": "DeployOperations",
    "AsyncLookupOperations": "LookupOperations",
    "get_async_client": "get_client",
    "_async": "_sync",
    "AsyncBase": "Base",
    "AsyncBuildLogReader": "BuildLogReader",
    "AsyncMethods": "Methods",
    "async_methods": "sync_methods",
    "asyncio_detailed": "sync_detailed",
    "AsyncSender": "Sender",
    "async_client": "sync_client",
    "aclose": "close",
    "aclosing": "closing",
    "aiter_bytes": "iter_bytes",
    "aiter_raw": "iter_raw",
    "AsyncResumableDownload": "ResumableDownload",
    "run_in_thread": "run_sync",
    "sleep_async": "sleep_sync",
    "lock_async": "lock_sync",
    "gather_async": "gather_sync",
    "AsyncPaginator": "Paginator",
    "AsyncLogStream": "LogStream",
    "AsyncWaiterOperations": "WaiterOperations",
}
"""What unasync renames besides its own list (``AsyncIterator``, ``__aenter__``, …)."""


def lint(root: Path) -> tuple[bool, str]:
    """Return whether the contract's style is clean, and what to print. Without Node.js nothing is linted."""
    npx = shutil.which("npx")
    if npx is None:
        return True, "skipped: the linting of the contract, which needs Node.js"
    command = [npx, "--yes", LINTER, "lint", "--config", "openapi/redocly.yaml", CONTRACT.as_posix()]
    run = subprocess.run(command, check=False, cwd=root, capture_output=True, text=True)
    return run.returncode == 0, run.stdout + run.stderr if run.returncode else ""


def describe_error(error: GeneratorError) -> str:
    """Format an error or a warning of openapi-python-client, with the part of the contract that it is about."""
    data = error.data if isinstance(error, ParseError) else None
    part = data.model_dump_json(exclude_unset=True, by_alias=True) if data else None
    return "\n".join(filter(None, (error.header, error.detail, part)))


def place_of(problem: str) -> tuple[str, ...]:
    """Return the operation or the schema that an error of openapi-python-client is about, if it names one."""
    if operation := re.search(r"parsing (\w+) (/\S*) within", problem):
        return ("paths", operation[2], operation[1].lower())
    schema = re.search(r"/components/schemas/([\w.-]+)", problem)
    return ("components", "schemas", schema[1]) if schema else ()


def generate(contract: dict[str, Any], root: Path, target: Path) -> None:
    """Write the generated package."""
    contract = normalize(contract)
    describe_operations(contract)  # first: its errors name the line
    feed = target.parent / "contract.json"
    feed.write_text(json.dumps(for_generator(contract)), encoding="utf-8")
    settings = ConfigFile.load_from_path(root / "openapi/codegen.yaml")
    config = Config.from_sources(settings, MetaType.NONE, feed, "utf-8", overwrite=False, output_path=target)
    with redirect_stdout(io.StringIO()):  # prints where it writes
        errors = openapi_python_client.generate(config=config, custom_template_path=root / TEMPLATES)
    if errors:
        problems = "\n".join(map(describe_error, errors))
        raise ContractError(place_of(problems), f"openapi-python-client can't generate this: {problems}")
    render_modules(contract, root / TEMPLATES, target)
    (target / "py.typed").touch()
    tidy(target, "openapi/images.yaml")


def import_all(package: Path) -> None:
    """Import every module of the generated package, and check that the calls have the arguments of the table.

    Either can fail though the package was written without an error.
    """
    code = (
        "import importlib, inspect, pkgutil\n"
        f"package = importlib.import_module({package.name!r})\n"
        "for module in pkgutil.walk_packages(package.__path__, f'{package.__name__}.'):\n"
        "    importlib.import_module(module.name)\n"
        "for name, one in package.operations.table()['operations'].items():\n"
        "    call = importlib.import_module(f\"{package.__name__}.api.{one['tag']}.{one['module']}\").sync_detailed\n"
        "    names = [parameter['generated_name'] for parameter in one['parameters']]\n"
        "    missing = set(names) - set(inspect.signature(call).parameters)\n"
        "    assert not missing, f'the generated call {name} has no arguments {missing}'\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, env=environment)
    if run.returncode:
        raise ContractError((), f"the generated code is wrong: {run.stderr.strip()}")


def make_sync(source: Path, target: Path) -> None:
    """Write the synchronous twin of the asynchronous source."""
    rule = unasync.Rule(f"{source}/", f"{target}/", additional_replacements=SYNC_NAMES)
    unasync.unasync_files([str(path) for path in sorted(source.rglob("*.py"))], [rule])
    for path in target.rglob("*.py"):
        # unasync leaves the examples in docstrings, and the types of what is awaited, as they are.
        text = re.sub(r"\b(await|async) (?=\w)", "", path.read_text(encoding="utf-8"))
        text = re.sub(r"\bAwaitable\[((?:[^\[\]]|\[[^\[\]]*\])*)\]", r"\1", text)
        path.write_text(text.replace("get_async_client", "get_client"), encoding="utf-8")
    tidy(target, ASYNC.as_posix())


def tidy(directory: Path, source: str) -> None:
    """Sort imports, format, and say at the top of every file where it comes from."""
    ruff = [sys.executable, "-m", "ruff"]
    common = [
        "--isolated",
        "--no-cache",
        "--quiet",
        "--line-length",
        "120",
        "--target-version",
        "py311",
        str(directory),
    ]
    subprocess.run([*ruff, "check", "--fix-only", "--select", "I,F401,UP", *common], check=True)
    for path in directory.rglob("*.py"):
        path.write_text(HEADER.format(source=source) + "\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    subprocess.run([*ruff, "format", *common], check=True)


def differences(new: Path, old: Path) -> list[Path]:
    """Return the files, relative to both directories, that differ or are in one of them only."""
    found = {path.relative_to(base) for base in (new, old) for path in base.rglob("*") if path.is_file()}
    names = [name for name in found if "__pycache__" not in name.parts]
    _, different, missing = filecmp.cmpfiles(new, old, names, shallow=False)
    return sorted(Path(name) for name in (*different, *missing))


def replace(new: Path, old: Path, changed: list[Path]) -> None:
    """Copy the changed files into the tree; the others keep their times, and so their bytecode stays valid."""
    for name in changed:
        if (new / name).exists():
            (old / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(new / name, old / name)
        else:
            (old / name).unlink()


def update(root: Path, contract: dict[str, Any], *, check: bool) -> list[Path]:
    """Generate everything and copy the files that differ into the tree, or only list them."""
    stale: list[Path] = []
    pages = render_pages(contract, root)  # first: a page may name something that isn't in the contract
    with tempfile.TemporaryDirectory() as scratch:
        made = {GENERATED: Path(scratch, GENERATED.name), SYNC: Path(scratch, "_sync")}
        generate(contract, root, made[GENERATED])
        make_sync(root / ASYNC, made[SYNC])
        changed = {directory: differences(new, root / directory) for directory, new in made.items()}
        if changed[GENERATED]:
            import_all(made[GENERATED])
        for directory, names in changed.items():
            stale += [directory / name for name in names]
            if not check:
                replace(made[directory], root / directory, names)
    for page, text in pages.items():
        if text != (root / page).read_text(encoding="utf-8"):
            stale.append(page)
            if not check:
                (root / page).write_text(text, encoding="utf-8")
    return stale


def report_manual_work(root: Path, released: dict[str, Any], contract: dict[str, Any]) -> bool:
    """Print what is left to do by hand; return whether handwritten code or a page certainly doesn't fit."""
    for name in find_unhandled(contract, root):
        print(f"by hand: the local service has no handler for {name}, and responds with 501")
    for place in find_stale_fields(released, contract, root):
        print(f"by hand, if it is the contract's: {place}")
    wrong = find_stale_operations(released, contract, root)
    new, old = (find_misfits(describe_operations(normalize(one)), root) for one in (contract, released))
    wrong += [call for call in new if call not in old]
    for place in wrong:
        print(f"by hand: {place}")
    return bool(wrong)


def main(arguments: list[str] | None = None) -> int:
    """Run the script; return 0 if everything is up to date afterwards."""
    parser = argparse.ArgumentParser(prog="scripts/regenerate", description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="change nothing; fail if anything is out of date or wrong")
    what.add_argument("--release", action="store_true", help="take the contract as released: changes count from here")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    try:
        return run(root, check=options.check, release=options.release)
    except ContractFileError as error:
        print(error, file=sys.stderr)
    except ContractError as error:
        print(error.located(CONTRACT.as_posix(), (root / CONTRACT).read_text(encoding="utf-8")), file=sys.stderr)
    return 1


def run(root: Path, *, check: bool, release: bool) -> int:
    """Bring everything up to date, or check that it is, and report the changes and the version that they need."""
    contract, released = load_contract(root / CONTRACT, root), load_contract(root / RELEASED, root)
    check_hints(contract)
    check_names(contract, root)
    with ThreadPoolExecutor() as pool:
        linting = pool.submit(lint, root)
        stale = update(root, contract, check=check)
    is_clean, report = linting.result()
    problems = [] if is_clean else ["The contract's style isn't clean."]
    if report:
        print(report)
    for path in stale:
        print(f"{'out of date' if check else 'written'}: {path.as_posix()}")
    if stale and check:
        problems.append("Run scripts/regenerate.")
    if report_manual_work(root, released, contract) and (check or release):
        problems.append("Handwritten code or documentation doesn't fit the contract.")
    changes = find_changes(released, contract)
    print(summary(released, contract, changes))
    try:
        check_version(released, contract, changes)
    except VersionError as error:
        # A plain run reports additions, so it only warns about the version.
        if check or release or error.impact is Impact.BREAKING:
            problems.append(str(error))
        else:
            print(error)
    if release and not problems:
        shutil.copyfile(root / CONTRACT, root / RELEASED)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
