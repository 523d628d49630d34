"""The package in an application that PyInstaller has frozen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("PyInstaller")

PROGRAM = """
from peak.resources import images
from peak_images_cli.__main__ import main
with images.Session("a-token", base_url="http://127.0.0.1:9", retries=0) as session:
    client = images.get_client(session)
    try:
        client.create_image({"name": "an-image", "type": "spaceship"})
    except images.InvalidInputError as error:
        print(error.field)
    try:
        client.describe_image(1)
    except images.ConnectionFailedError:
        print("no connection")
print(images.Payload({"id": 1, "name": "an-image"}, "Image").model.name)
print(main(["logs", "an-image", "--follow", "--save"]))
from peak_images_local import LocalService
with LocalService() as service, images.Session(service.token, base_url=service.url) as session:
    print(list(images.get_client(session).list_images()))
"""


@pytest.mark.timeout(300)
def test_frozen_application_finds_what_is_imported_by_name_and_its_data(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, "-m", "PyInstaller", "--onedir", "--noconfirm", "--log-level", "ERROR"]
    places = ["--distpath", tmp_path / "dist", "--workpath", tmp_path / "work", "--specpath", tmp_path]
    subprocess.run([*command, *places, program], check=True, capture_output=True)
    ran = subprocess.run([tmp_path / "dist/program/program"], check=False, capture_output=True, text=True)
    assert ran.stdout.split("\n") == ["body.type", "no connection", "an-image", "2", "[]", ""], ran.stderr
