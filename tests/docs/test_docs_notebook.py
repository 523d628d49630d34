"""The notebook runs from its first cell to its last, and is kept without what its cells put out."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "images.ipynb"


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(NOTEBOOK, 4)


def test_it_is_kept_clean(notebook):
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
        assert cell.metadata == {}
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


# Jupyter's own sockets, not this project's.
@pytest.mark.filterwarnings("default")
@pytest.mark.timeout(120)
def test_it_runs(notebook, folder, commands):
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text


def test_it_has_every_operation(notebook):
    from peak_images import Image

    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    operations = {name for name in dir(Image) if not name.startswith("_")} - {"session", "close", "with_options"}
    assert {name for name in operations if f".{name}(" not in code} == set()
