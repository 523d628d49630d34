"""The command line beside Peak's own SDK, and with every version of click that it allows."""

from __future__ import annotations

import json


def test_sdk_module_of_the_same_name_does_not_shadow_the_client(start, seed, tmp_path):
    """An editable install leaves ``peak.resources.images`` to the SDK."""
    seed.image("weather")
    shadow = tmp_path / "shadow" / "peak" / "resources"
    shadow.mkdir(parents=True)
    for package in (shadow.parent, shadow):
        (package / "__init__.py").write_text("")
    (shadow / "images.py").write_text("def get_client(session=None): raise TypeError('the SDK')\n")

    out, err = start("list", PYTHONPATH=str(tmp_path / "shadow")).communicate(timeout=60)

    assert json.loads(out)["images"][0]["name"] == "weather"
    assert err == b""


def test_help_has_no_types_of_flags_and_no_empty_defaults(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    out = run("create", "--help").out

    assert "<bool>" not in out
    assert "None" not in out
    assert max(map(len, out.splitlines())) <= 80
    assert "Usage: peak-images create [OPTIONS] [FILE]" in out
    assert "--wait-timeout SECONDS" in out
    assert "--use-cache/--no-use-cache" in out
