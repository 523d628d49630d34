"""Run the notebook of the documentation and save it with its outputs: ``python scripts/run_notebook.py``.

The notebook starts a local service of its own, with a fixed seed. It runs in an empty directory, so that no output
shows a path of this machine.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parent.parent / "docs" / "images.ipynb"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def run(path: Path = NOTEBOOK) -> Any:
    """Return the notebook after a run, without metadata about this machine or this run."""
    notebook: Any = nbformat.read(path, 4)  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory() as directory:
        resources = {"metadata": {"path": directory}}
        client = NotebookClient(notebook, timeout=60, kernel_name="python3", coalesce_streams=True, resources=resources)
        client.execute()
    notebook.metadata = METADATA
    for cell in notebook.cells:
        cell.metadata = {}
    return notebook


if __name__ == "__main__":
    nbformat.write(run(), NOTEBOOK)  # type: ignore[no-untyped-call]
    sys.stdout.write(f"written: {NOTEBOOK}\n")
