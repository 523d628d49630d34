"""An engine of our own for tests of real builds."""

import os


def install_engine(monkeypatch, directory, script):
    """Put a docker of our own on the PATH, which does what a real one might."""
    command = directory / "docker"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}{os.pathsep}{os.environ['PATH']}")
