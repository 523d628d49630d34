"""``pack`` into a file: the bytes that a create sends, and never half of them."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from peak.resources import images

CREATE = ("create", "--name", "tides", "--type", "api", "--artifact-path", "weather")


def names(file):
    with zipfile.ZipFile(file) as archive:
        return archive.namelist()


def test_pack_writes_the_same_bytes_as_a_create_sends(done, known_service, weather, here):
    written = done("pack", "weather", "--file-name", "weather.zip")

    content = (here / "weather.zip").read_bytes()
    assert written == {
        "path": "weather",
        "file": "weather.zip",
        "totalSize": sum((weather / name).stat().st_size for name in ("Dockerfile", "app/main.py", ".dockerignore")),
        "zippedSize": len(content),
        "entryCount": 4,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    with images.build_artifact("weather") as artifact:
        assert artifact.file.read() == content
    assert known_service.requests == []
    done(*CREATE)
    assert [file[2] for file in known_service.requests[-1].files.values()] == [len(content)]


def test_pack_needs_neither_token_nor_configuration(run, weather, monkeypatch):
    monkeypatch.setenv("PEAK_IMAGES_CONFIG", "nowhere.toml")
    monkeypatch.setenv("PEAK_IMAGES_URL", "nonsense")
    monkeypatch.delenv("PEAK_AUTH_TOKEN", raising=False)

    assert run("pack", "weather", "-f", "weather.zip").code == 0


def test_pack_options_override_ignore_file_and_dockerfile(done, weather, here):
    (weather / "docker").mkdir()
    (weather / "Dockerfile").rename(weather / "docker/Dockerfile")
    (weather / "ignore").write_text("docker\napp/main.py\n")
    options = ("pack", "weather", "-f", "weather.zip", "--artifact-ignore-files", "ignore")

    done(*options, "--dockerfile-path", "docker/Dockerfile")

    # The Dockerfile that is built is sent even if it is ignored.
    assert "docker/Dockerfile" in names("weather.zip")
    assert "app/main.py" not in names("weather.zip")
    done(*options)
    assert "docker/Dockerfile" not in names("weather.zip")


def test_pack_of_a_directory_reads_its_input_file_as_deploy_does(done, run, known_service, weather, here):
    (weather / "docker").mkdir()
    (weather / "Dockerfile").rename(weather / "docker/Dockerfile")
    (weather / "ignore").write_text("docker\n*.env\n")
    details = {"dockerfilePath": "docker/Dockerfile", "buildArguments": [{"name": "GREETING", "value": "Hi"}]}
    body = {"name": "tides", "type": "api", "buildDetails": details}
    (weather / "image.yaml").write_text(yaml.safe_dump({"body": body, "artifact": {"ignore_files": ["ignore"]}}))

    written = done("pack", "weather", "-f", "weather.zip")

    assert written["path"] == "weather"
    assert "docker/Dockerfile" in names("weather.zip")
    assert "keys.env" not in names("weather.zip")
    assert "input file: weather/image.yaml" in run("pack", "weather").err
    done("deploy", "weather", "--no-log")
    assert [file[2] for request in known_service.requests for file in request.files.values()] == [written["zippedSize"]]


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("body: {buildDetails: {source: github, repository: 'https://a/b'}}", ["keys.env"]),
        ("artifact: {path: elsewhere}", ["keys.env"]),
        ("artifact: {ignore_files: ['{{ which }}']}", ["app/main.py"]),
    ],
)
def test_pack_of_a_directory_packs_that_directory(done, weather, text, excluded):
    (weather / "image.yaml").write_text(text)
    (weather / "ignore").write_text("app/main.py\n")

    report = done("pack", "weather", "--params", "which=ignore")

    assert report["path"] == "weather"
    assert [row["name"] for row in report["excluded"]] == excluded


def test_pack_as_table_and_yaml(run, weather):
    table = run("pack", "weather", "-f", "weather.zip", "-o", "table").out
    written = yaml.safe_load(run("pack", "weather", "-f", "weather.zip", "-o", "yaml").out)

    assert table.splitlines()[0].split() == ["file", "weather.zip"]
    assert f"size     {written['zippedSize']:,} bytes" in table
    assert table.splitlines()[2].split() == ["entries", "4"]
    assert table.splitlines()[3].split() == ["SHA-256", written["sha256"]]


def test_pack_replaces_an_existing_file_and_keeps_a_symlink(done, weather, here):
    (here / "weather.zip").write_bytes(b"x" * 100_000)
    (here / "latest.zip").symlink_to("weather.zip")

    written = done("pack", "weather", "-f", "latest.zip")

    # What a link leads to is, and the link stays.
    assert (here / "latest.zip").is_symlink()
    assert (here / "weather.zip").stat().st_size == written["zippedSize"]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("weather", "weather: is a directory; give the name of a file"),
        ("nowhere/weather.zip", "nowhere doesn't exist"),
        ("weather/Dockerfile/weather.zip", "Dockerfile doesn't exist"),
        ("pipe", "pipe: is a device or a FIFO, and would be replaced; give the name of a file"),
        ("x" * 300, "can't be written: File name too long"),
        ("", ".: is a directory"),
    ],
)
def test_pack_to_an_invalid_path_is_an_error(run, weather, here, target, words):
    os.mkfifo(here / "pipe")
    before = sorted(here.rglob("*"))

    ended = run("pack", "weather", "-f", target)

    assert ended.code == 1
    assert ended.out == ""
    assert words in ended.err
    assert ended.err.count("\n") == 1
    assert sorted(here.rglob("*")) == before


def test_pack_has_the_size_limit_of_a_create(run, weather, here):
    (weather / "large.bin").write_bytes(random.Random(1).randbytes(11 << 20))
    (here / "weather.zip").write_bytes(b"before")

    ended = run("pack", "weather", "-f", "weather.zip")

    assert ended.code == 3
    assert "11.0 MiB  large.bin" in ended.err
    assert (here / "weather.zip").read_bytes() == b"before"


def test_no_partial_file_after_interrupt(run, weather, here, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    (here / "weather.zip").write_bytes(b"before")
    monkeypatch.setattr(Path, "replace", interrupt)

    ended = run("pack", "weather", "-f", "weather.zip")

    assert ended.code == 130
    assert (here / "weather.zip").read_bytes() == b"before"
    assert sorted(path.name for path in here.iterdir()) == ["weather", "weather.zip"]


def test_no_partial_file_on_full_disk(run, weather, here, monkeypatch):
    class FullDisk(io.BytesIO):
        def write(self, _):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def open_on_a_full_disk(path, mode="r", **further):
        if path.suffix != ".part":
            return original(path, mode, **further)
        path.touch()
        return FullDisk()

    original = Path.open
    monkeypatch.setattr(Path, "open", open_on_a_full_disk)

    ended = run("pack", "weather", "-f", "weather.zip")

    assert ended.code == 1
    assert ended.err == "peak-images: error: weather.zip: can't be written: No space left on device\n"
    assert [path.name for path in here.iterdir()] == ["weather"]


def test_no_partial_file_on_file_size_limit(weather, here):
    (weather / "large.bin").write_bytes(random.Random(1).randbytes(1 << 20))
    pack = [sys.executable, "-m", "peak_images_cli", "pack", "weather", "-f", "weather.zip"]
    cli = Path(sys.modules["peak_images_cli"].__file__).parent.parent

    ended = subprocess.run(
        ["sh", "-c", 'ulimit -f 200; exec "$@"', "sh", *pack],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(cli), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr == "peak-images: error: weather.zip: can't be written: File too large\n"
    assert [path.name for path in here.iterdir()] == ["weather"]


def test_pack_into_the_packed_directory_warns(run, weather):
    first = run("pack", "weather", "-f", "weather/app/weather.zip")
    assert first.code == 0
    assert first.err == (
        "peak-images: warning: app/weather.zip is in the directory and will be uploaded; add it to .dockerignore\n"
    )
    assert "app/weather.zip" not in names("weather/app/weather.zip")

    (weather / ".dockerignore").write_text("*.env\n**/*.zip\n")
    second = run("pack", "weather", "-f", "weather/app/weather.zip")
    assert second.err == ""


def test_pack_warns_of_problems_and_strict_writes_nothing(run, weather, here):
    options = ("pack", "weather", "-f", "weather.zip", "--dockerfile-path", "docker/Dockerfile")

    strict = run(*options, "--strict")
    assert strict.code == 3
    assert strict.out == ""
    assert not (here / "weather.zip").exists()
    lenient = run(*options)
    assert lenient.code == 0
    assert lenient.err.startswith("peak-images: warning: there is no 'docker/Dockerfile' in ")
    assert lenient.err.count("\n") == 1
    assert (here / "weather.zip").exists()
