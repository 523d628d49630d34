"""``.gitignore`` beside the SDK and beside git: what each of them includes of the same directory."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import NamedTuple
from zipfile import ZipFile

import pytest

from peak_images import build_artifact

TREE = (
    "Dockerfile", "README.md", "data.csv", ".env", "main.py", "#hash", "!bang", "trailing ", " leading", "café.txt",
    "a/b/c/deep.txt", "app/.env", "app/main.py", "app/data.csv", "app/build/keep.o", "app/__pycache__/y.pyc",
    "build/out.o", "data/raw.bin", "docs/a.md", "logs/a.log", "logs/keep/a.log", "src/data/model.json", "x/1.txt",
    "x/a.txt", "x/b.txt",
)  # fmt: skip


NEEDED = {"Dockerfile", ".gitignore"}
"""What this package includes whatever the rules say: a build needs the one, and reads the other again."""


class Case(NamedTuple):
    """An ignore file.

    Attributes:
        text: What is in it.
        only_sdk: What the SDK includes although git ignores it; None if it raises an error.
        reason: Why it does.
    """

    text: str
    only_sdk: frozenset[str] | None = frozenset()
    reason: str = ""


CASES = {
    "names at any depth": Case(".env\n*.csv\n__pycache__/\n"),
    "anchored": Case("/build/\n/data.csv\n"),
    "a slash within": Case("app/build\n"),
    "a directory by its name": Case("data/\n"),
    "a name of files and directories": Case("data\n"),
    "a negation": Case("*.csv\n!app/data.csv\n"),
    "contents and a negation": Case("logs/*\n!logs/keep/\n"),
    "below an ignored directory": Case(
        "logs/\n!logs/keep/a.log\n",
        frozenset({"logs/keep/a.log"}),
        "to git, an excluded directory ends it; the SDK matches each file by itself",
    ),
    "everything and a negation": Case(
        "*\n!*.py\n",
        frozenset({"app/main.py"}),
        "to git, * excludes the directories too; the SDK matches each file by itself",
    ),
    "everything in the root and a negation": Case("/*\n!/app/\n!/Dockerfile\n"),
    "two stars before": Case("**/data\n"),
    "two stars within": Case("a/**/deep.txt\n"),
    "two stars after": Case("app/**\n"),
    "comments and empty lines": Case("# *.py\n\n   \n*.md\n"),
    "escapes": Case("\\#hash\n\\!bang\n"),
    "classes": Case("x/[a-b].txt\n"),
    "a negated class": Case("x/[!a].txt\n"),
    "question marks": Case("x/?.txt\n"),
    "blanks after": Case("data.csv   \n"),
    "an escaped blank after": Case("trailing\\ \n", None, "the SDK strips lines before it reads escapes"),
    "a blank before": Case(
        " leading\n", frozenset({" leading"}), "the SDK strips lines; to git, a blank before is a character"
    ),
    "letter case": Case("readme.md\n"),
    "other letters": Case("caf*.txt\n"),
    "CRLF": Case("*.csv\r\n.env\r\n"),
    "a byte order mark": Case(
        "\ufeff*.csv\n.env\n",
        frozenset({"data.csv", "app/data.csv"}),
        "git skips the mark; the SDK takes it for a part of the first pattern",
    ),
    "the last line decides": Case("!*.csv\n*.csv\n"),
    "no end of the last line": Case("*.csv"),
}


@pytest.fixture
def directories(tmp_path):
    """A directory for each case, all with the same files."""
    made = {}
    for number, (name, case) in enumerate(CASES.items()):
        root = made[name] = tmp_path / str(number)
        for path in TREE:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text("content\n")
        (root / ".gitignore").write_bytes(case.text.encode())
    return made


def _ours(root):
    with build_artifact(root, ignore_files=[".gitignore"]) as artifact, ZipFile(artifact.file) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


SDK_FILES = """
import json, sys
from peak.compression import get_files_to_include
found = {}
for name, root in json.loads(sys.argv[1]).items():
    try:
        found[name] = list(get_files_to_include(root, [".gitignore"]))
    except ValueError:
        found[name] = None
print(json.dumps(found))
"""


def _sdk(environment, directories):
    """For each case, what the SDK includes; None if it raises an error."""
    roots = json.dumps({name: str(root) for name, root in directories.items()})
    found = json.loads(environment.run("-c", SDK_FILES, roots).stdout)
    return {name: None if files is None else set(files) for name, files in found.items()}


def _git(root):
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    command = ["git", "-C", str(root), "ls-files", "--others", "--exclude-standard", "-z"]
    return set(subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")) - {""}


def test_gitignore_includes_the_entries_that_the_sdk_includes_but_where_it_differs_from_git(alone, directories):
    differences = {
        name: None if files is None else (files - _ours(directories[name]), _ours(directories[name]) - NEEDED - files)
        for name, files in _sdk(alone, directories).items()
    }

    assert differences == {
        name: None if case.only_sdk is None else (case.only_sdk, frozenset()) for name, case in CASES.items()
    }
    # Each difference has its reason, and no reason is left over.
    assert [name for name, case in CASES.items() if bool(case.reason) != (case.only_sdk != frozenset())] == []


@pytest.mark.skipif(not shutil.which("git"), reason="git isn't here")
def test_gitignore_includes_the_entries_that_git_would_add(directories):
    ours = {name: _ours(root) - NEEDED for name, root in directories.items()}

    assert ours == {name: _git(root) - NEEDED for name, root in directories.items()}
