"""In the environment of the oldest dependencies: they are the oldest, and none has a known vulnerability."""

from importlib.metadata import requires, version

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

REQUIREMENTS = [Requirement(text) for text in requires("peak-images") or ()]

FIXED_IN = {
    "certifi": "2024.7.4",  # CVE-2024-39689
    "h11": "0.16",  # CVE-2025-43859
    "httpcore": "1.0.9",  # the first that takes h11 0.16
    "idna": "3.7",  # CVE-2024-3651
    "jinja2": "3.1.6",  # CVE-2025-27516
    "python-multipart": "0.0.31",  # GHSA-v9pg-7xvm-68hf, GHSA-5rvq-cxj2-64vf, CVE-2026-42561
    "PyYAML": "5.4",  # CVE-2020-14343
    "starlette": "1.0.1",  # CVE-2026-48710, CVE-2025-62727, CVE-2025-54121
    "tqdm": "4.66.3",  # CVE-2024-34062
}
"""By package, the first version without the vulnerabilities that were known when its bound was set.

A database of vulnerabilities can't be asked from everywhere; this list can.
"""


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda requirement: requirement.name)
def test_installed_version_is_the_lower_bound(requirement):
    (bound,) = (one.version for one in requirement.specifier if one.operator in (">=", "=="))
    installed = version(requirement.name)
    assert Requirement(f"x=={bound}").specifier.contains(installed), f"{requirement.name} {installed}"


@pytest.mark.parametrize(("name", "fixed"), FIXED_IN.items(), ids=FIXED_IN)
def test_lower_bound_has_no_known_vulnerability(name, fixed):
    assert Version(version(name)) >= Version(fixed)
