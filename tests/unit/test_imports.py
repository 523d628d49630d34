"""Importing: every documented form, nothing loaded that isn't needed, nothing in the way of another ``peak``."""

import importlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

import peak_images

HEAVY = ("httpx", "attr", "attrs", "anyio", "jsonschema_rs", "peak_images_api", "peak_images_local", "yaml")


def run(code, *options):
    """Run Python code in a process of its own; gives what it printed, as JSON."""
    command = [sys.executable, *options, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout or "null")


def loaded_by(code):
    return run(
        f"import sys, json\n{code}\nprint(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    )


@pytest.mark.parametrize(
    "code",
    [
        "from peak.resources import images",
        "import peak.resources.images",
        "import peak.resources.images as images",
        "import peak_images",
        "from peak.resources import images; dir(images)",
        "from peak.resources import images; images.Session('t', base_url='http://a.example')",
        "from peak.resources import images; images.NotFoundError",
    ],
)
def test_import_is_lazy(code):
    assert set(loaded_by(code)) & set(HEAVY) == set()


def test_making_a_client_does_not_import_httpx():
    code = "from peak.resources import images; images.get_client(images.Session('t')); images.get_async_client"

    assert set(loaded_by(code)) & {"httpx", "jsonschema_rs", "trio", "yaml"} == set()


FORMS = [
    "from peak.resources import images; images.get_client",
    "from peak.resources.images import get_client, Image, Session",
    "import peak.resources.images; peak.resources.images.Session",
    "import peak.resources; from peak.resources import images; images.AsyncImage",
    "import peak; import peak.resources.images as images; images.get_async_client",
    "from peak.resources.images import *; Session; get_client; PeakImagesError",
    "from peak_images import *; Session; get_client; PeakImagesError; inspect_artifact",
    "from peak_images import get_client; from peak_images.errors import ApiError",
    "from importlib import import_module; import_module('peak.resources.images').Payload",
    "from peak.resources import images; images.models.ImageCreateForm(name='a', type_=images.models.ImageType.API)",
    "from peak_images import models, types; models.BuildStatus; types.Image",
    "from peak.resources import images; x: images.Image; import typing; typing.get_type_hints(images.get_client)",
]


@pytest.mark.parametrize("form", FORMS)
def test_every_import_form_works_without_warnings(form):
    run(form, "-W", "error")


@pytest.mark.parametrize("form", ["peak_images", "peak.resources.images"])
def test_dir_lists_names_before_and_after_loading(form):
    names = run(
        f"""
import json, {form} as module
before = set(dir(module))
for name in module.__all__:
    getattr(module, name)
assert set(module.__all__) <= before == set(dir(module)) & before
print(json.dumps(sorted(module.__all__)))
"""
    )

    assert names == sorted(peak_images.__all__)


def test_dir_lists_public_names():
    from peak.resources import images

    assert set(peak_images.__all__) <= set(dir(peak_images))
    assert set(peak_images.__all__) <= set(dir(images))


@pytest.mark.parametrize("name", peak_images.__all__)
def test_public_name_is_the_same_object_in_both_packages(name):
    from peak.resources import images

    assert getattr(images, name) is getattr(peak_images, name)


def test_every_error_is_public():
    from peak_images import errors

    assert set(errors.__all__) <= set(peak_images.__all__)


@pytest.mark.parametrize(
    "module", ["peak_images", "peak.resources.images", "peak_images_api", "peak_images_api.models"]
)
def test_unknown_name_raises_attribute_error(module):
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(importlib.import_module(module), "no_such_name")  # noqa: B009 - the name is the point


def test_models_are_imported_lazily():
    code = """
import sys, json, peak_images_api.models as models
of_models = lambda: sorted(name for name in sys.modules if name.startswith("peak_images_api.models."))
none = of_models()
models.Tag
print(json.dumps([none, of_models()]))
"""

    assert run(code) == [[], ["peak_images_api.models.tag"]]


def test_every_model_can_be_imported():
    from peak_images_api import models

    assert sorted(getattr(models, name).__name__ for name in models.__all__) == sorted(models.__all__)
    assert set(models.__all__) <= set(dir(models))


def test_peak_is_a_namespace_package():
    import peak
    import peak.resources

    for package in (peak, peak.resources):
        assert package.__file__ is None
    images = Path(importlib.util.find_spec("peak.resources.images").origin)
    assert images.name == "__init__.py"
    assert not [directory for directory in images.parents[1:3] if (directory / "__init__.py").exists()]


def test_other_distributions_can_add_to_the_namespace_package(tmp_path):
    (tmp_path / "peak/resources").mkdir(parents=True)
    (tmp_path / "peak/other.py").write_text("here = True")
    (tmp_path / "peak/resources/workflows.py").write_text("here = True")

    run(
        f"import sys; sys.path.append({str(tmp_path)!r}); from peak import other; "
        "from peak.resources import workflows, images; assert other.here and workflows.here; images.get_client"
    )


def test_images_overrides_the_module_of_an_installed_sdk(tmp_path):
    # The official SDK has ordinary packages here, and a module of the name ``images``.
    package = tmp_path / "peak/resources"
    package.mkdir(parents=True)
    (tmp_path / "peak/__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "images.py").write_text("old = True")
    ours = package / "images"
    ours.mkdir()
    source = Path(importlib.util.find_spec("peak.resources.images").origin)
    (ours / "__init__.py").write_text(source.read_text())

    run(
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from peak.resources import images; "
        "import peak_images; assert images.Session is peak_images.Session"
    )


def test_version_is_that_of_the_distribution():
    from importlib.metadata import version

    assert peak_images.__version__ == version("peak-images")


def test_packages_are_marked_as_typed():
    for module in ("peak_images", "peak_images_api"):
        assert Path(importlib.util.find_spec(module).origin).with_name("py.typed").exists()
