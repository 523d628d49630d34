"""In the environment of the oldest dependencies: that they are the oldest. Another package may want newer ones."""

from importlib.metadata import requires, version

import pytest
from packaging.requirements import Requirement

REQUIREMENTS = [Requirement(text) for text in requires("peak-images") or ()]


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda requirement: requirement.name)
def test_it_is_the_oldest_that_is_promised_to_do(requirement):
    (bound,) = (one.version for one in requirement.specifier if one.operator in (">=", "=="))
    installed = version(requirement.name)
    assert Requirement(f"x=={bound}").specifier.contains(installed), f"{requirement.name} {installed}"
