"""The notebook runs, and its saved outputs are those of this run, apart from values that vary."""

from __future__ import annotations

import nbformat
import pytest

from docs_outputs import mask
from run_notebook import METADATA, NOTEBOOK, run


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(NOTEBOOK, 4)


def outputs(notebook):
    """Return the outputs of each cell, by the cell's first line."""
    return {
        (number, cell.source.partition("\n")[0]): [
            {"type": output.output_type, "name": output.get("name"), "text": mask(text)}
            for output in cell.outputs
            for text in ([output.text] if "text" in output else [output.data[kind] for kind in sorted(output.data)])
        ]
        for number, cell in enumerate(notebook.cells)
        if cell.cell_type == "code"
    }


def test_notebook_has_no_metadata_of_the_machine_that_ran_it(notebook):
    nbformat.validate(notebook)
    assert notebook.metadata == METADATA
    assert all(cell.metadata == {} for cell in notebook.cells)
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert [name for name in ("/tmp/", "/home/", "/root/", "/Users/", "\\\\Users") if name in text] == []


# Jupyter's own sockets, not this project's.
@pytest.mark.filterwarnings("default")
@pytest.mark.timeout(120)
def test_saved_outputs_are_those_of_a_run(notebook, commands):
    """If this fails after an intended change, run ``python scripts/run_notebook.py``."""
    saved = outputs(notebook)
    assert all(output["name"] != "stderr" for cell in saved.values() for output in cell)
    assert any(saved.values())
    assert outputs(run()) == saved


def test_notebook_has_every_operation(notebook):
    from peak_images import Image

    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    public = {name for name in dir(Image) if not name.startswith("_") and callable(getattr(Image, name))}
    operations = public - {"close", "with_options"}
    assert {name for name in operations if f".{name}(" not in code} == set()
