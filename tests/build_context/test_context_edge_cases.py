"""Edge cases of directories, patterns and uses: none hangs, refuses what would build, or reports what isn't so."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import subprocess
import sys
import warnings

import pytest

from peak_build_context import archive
from peak_images import (
    ArtifactError,
    ArtifactTooLargeError,
    ArtifactWarning,
    Session,
    build_artifact,
    get_client,
    inspect_artifact,
)

DOCKERFILE = "FROM scratch\n"


@pytest.fixture
def tree(tmp_path):
    """Makes a directory from the contents of files; a tuple is where a link points to."""

    def make(files, dockerfile=DOCKERFILE):
        root = tmp_path / "tree"
        for name, content in {"Dockerfile": dockerfile, **files}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, tuple):
                path.symlink_to(*content)
            elif isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.write_text(content)
        return root

    return make


def files_in(root, **options):
    return {file.name for file in inspect_artifact(root, **options).files}


def problems(root, **options):
    return [(str(problem.kind), problem.path) for problem in inspect_artifact(root, **options).problems]


# What a Dockerfile takes


def test_source_in_an_unreadable_ignored_directory_is_a_problem(tree, monkeypatch):
    root = tree({".dockerignore": "priv\n", "priv/x": ""}, DOCKERFILE + "COPY priv/x /\n")
    real = os.stat

    def refuse(path, *args, **options):
        if str(path).endswith("priv/x"):
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **options)

    monkeypatch.setattr(os, "stat", refuse)
    assert problems(root) == [("source-ignored", "priv/x")]


@pytest.mark.parametrize("source", ["a" * 300, "a\0b"])
def test_source_with_an_invalid_name_is_a_problem(tree, source):
    assert problems(tree({}, f"{DOCKERFILE}COPY {source} /x\n")) == [("source-missing", source)]


def test_escaped_bracket_is_no_warning(tree):
    root = tree({"arr[0].txt": "", ".dockerignore": "x[[]y\n"}, DOCKERFILE + "COPY arr[[]0].txt /\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert problems(root) == []


def test_warning_filters_are_unchanged(tree):
    root = tree({".dockerignore": "a\n!b\n*.c\n"})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            warnings.warn("shown once", UserWarning, stacklevel=1)
            build_artifact(root).close()
    assert [str(one.message) for one in caught] == ["shown once"]


@pytest.mark.parametrize(
    ("name", "source"), [("!xy", "!x*"), ("#xy", "#x*"), (" xy", '[" x*", "/"]'), ("xy ", '["*y ", "/"]')]
)
def test_ignore_file_syntax_is_literal_in_copy_sources(tree, name, source):
    line = f"COPY {source}" if source.startswith("[") else f"COPY {source} /"
    assert problems(tree({name: ""}, f"{DOCKERFILE}{line}\n")) == []


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("FROM", "1: FROM takes"),
        ("FROM a b", "1: FROM takes"),
        ("FROM a AS", "1: FROM takes"),
        ("FROM a\nARG", "2: ARG requires"),
        ("FROM a\nCOPY " + "[" * 200_000, "longer than 65535 bytes"),
    ],
)
def test_more_syntax_errors(tree, lines, said):
    (problem,) = inspect_artifact(tree({}, lines + "\n")).problems
    assert problem.kind == "dockerfile-syntax"
    assert said in problem.message


# Links


def test_dockerfile_behind_an_ignored_link_is_included(tree):
    root = tree({".dockerignore": "docker\n", "real/Dockerfile": DOCKERFILE, "docker": ("real", True)})
    assert problems(root, dockerfile_path="docker/Dockerfile") == []
    assert "docker/Dockerfile" in files_in(root, dockerfile_path="docker/Dockerfile")


@pytest.mark.parametrize("target", ["nowhere", "..", "."])
def test_ignored_dangling_link_is_excluded_by_its_rule(tree, target):
    root = tree({".dockerignore": "link\n!link/a\n", "link": (target, True)})
    assert [row.name for row in inspect_artifact(root).excluded] == ["link"]


def test_ignored_link_to_a_file_is_excluded(tree):
    root = tree({".dockerignore": "*\n!data/a\n", "real": "x", "data": ("real",)})
    assert files_in(root) == {".dockerignore", "Dockerfile"}


# Ignore files


def test_fifo_as_ignore_file_is_an_error(tree):
    root = tree({})
    os.mkfifo(root / ".dockerignore")
    with pytest.raises(ArtifactError, match=r"'\.dockerignore' is a socket, a FIFO or a device"):
        inspect_artifact(root)


@pytest.mark.parametrize(("given", "said"), [("ignore", "is not a list"), (["a\0b"], "is not a path")])
def test_ignore_files_must_be_a_list(tree, given, said):
    with pytest.raises(ArtifactError, match=said) as caught:
        build_artifact(tree({"ignore": "a"}), given)
    assert caught.value.field == "artifact.ignore_files"


def test_paths_may_be_bytes(tree):
    root = tree({"ignore": "a", "a": ""})
    with build_artifact(os.fsencode(root), [b"ignore"]) as artifact:
        assert artifact.entry_count == 2


# The archive


def noise(size):
    return b"".join(hashlib.sha256(str(index).encode()).digest() for index in range(size // 32 + 1))[:size]


@pytest.mark.parametrize("limit", [2**20, 0], ids=["in memory", "on disk"])
def test_sha256_is_available_whatever_the_file_position(tree, monkeypatch, limit):
    monkeypatch.setattr(archive, "_MAX_IN_MEMORY", limit)
    root = tree({"noise": noise(10_000)})
    with build_artifact(root) as artifact:
        expected = hashlib.sha256(artifact.file.read()).hexdigest()
    assert artifact.sha256 == expected
    with build_artifact(root).file as file:
        file.seek(7)
    other = build_artifact(root)
    other.file.seek(7)
    assert (other.sha256, other.file.tell()) == (expected, 7)
    other.file.close()
    assert other.sha256 == expected


def test_order_of_names_is_independent_of_the_locale(tree):
    root = tree({"\U0001f600": "", "\udcff": ""})
    code = f"from peak_images import build_artifact; print(build_artifact({str(root)!r}).sha256)"
    of = {
        subprocess.check_output(
            [sys.executable, "-c", code],
            env={**os.environ, "LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        )
        for locale in ("C.UTF-8", "C")
    }
    assert len(of) == 1


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"data.bin": 9000, "src/__pycache__/a.pyc": 1}, "such as: data.bin"),
        ({"data/0": 1500, "data/1": 1500, "data/2": 1500, "model": 2000}, "such as: data"),
        ({"a/__pycache__/x": 3000, "b/__pycache__/x": 3000, "c": 5000}, r"such as: \*\*/__pycache__, c"),
        ({"node_modules/x": 9000}, "such as: node_modules"),
        ({"[data]": 9000}, r"such as: \\\[data\\\]"),
        ({"!x#": 9000}, r"such as: \\!x#"),
    ],
)
def test_suggested_ignore_lines_are_the_largest(tree, files, said):
    with pytest.raises(ArtifactTooLargeError, match=said + "$"):
        build_artifact(tree({name: noise(size) for name, size in files.items()}), max_size=4000)


def test_suggested_ignore_lines_cover_several_large_directories(tree):
    files = {".venv/lib": 2000, "data/a": 60_000, "models/b": 20_000, "src/app.py": 3000}
    with pytest.raises(ArtifactTooLargeError, match=r"in \.dockerignore, such as: \.venv, data, models$"):
        build_artifact(tree({name: noise(size) for name, size in files.items()}), max_size=4000)


@pytest.mark.parametrize("name", [".env", "data/.env", "backend/.env", "backend/data/.env", "web/node_modules/.env"])
def test_suggested_line_is_for_the_ignore_file_that_is_about_the_path(tree, name):
    files = {"backend/Dockerfile": f"{DOCKERFILE}COPY app /\n", "backend/app/a": "", name: f"A={noise(2000).hex()}"}
    root = tree(files)
    options = {"dockerfile_path": "backend/Dockerfile", "context": "backend", "max_size": 1000}
    secret, size = (problem.message for problem in inspect_artifact(root, **options).problems)
    small = re.search("add '(?P<line>.*)' to (?P<file>.*)$", secret)
    large = re.search("lines in (?P<file>.*), such as: (?P<line>.*)$", size)
    assert small["file"] == large["file"]
    for advice in (small, large):
        (root / advice["file"]).write_text(f"{advice['line']}\n")
        assert inspect_artifact(root, **options).problems == ()


@pytest.mark.parametrize(
    "name", [" a", "a\nb", "\ta", "a #b", "a\\b", "\\a", "a\rb", "\xa0a", "d\n/a", "#a", "!a", "[a]*?", "é"]
)
def test_suggested_line_excludes_any_name(tree, name):
    root = tree({f"{name}.env": "A=1"})
    (problem,) = inspect_artifact(root).problems
    line = re.search("add ('.*') to .dockerignore$", problem.message)[1]
    (root / ".dockerignore").write_text(ast.literal_eval(line) + "\n", newline="")
    assert inspect_artifact(root).problems == ()


def test_message_of_an_archive_that_is_too_large(tree):
    files = {f"f{index:02}": noise(1000 + index) for index in range(12)}
    root = tree({**files, "d/node_modules/x/big": noise(20_000)})
    with pytest.raises(ArtifactTooLargeError) as caught:
        build_artifact(root, max_size=10 * 1024)
    assert caught.value.largest[:2] == (("d/node_modules/x/big", 20_000), ("f11", 1011))
    assert len(caught.value.largest) == 10
    lines = str(caught.value).splitlines()
    assert lines[0].startswith(f"artifact.path: {str(root)!r} is larger than 10.0 KiB when zipped.")
    assert lines[1] == "    19.5 KiB  d/node_modules/  (1 file)"
    assert lines[-1].endswith("such as: **/node_modules")


def test_dockerfile_is_never_suggested_for_ignoring(tree):
    root = tree({}, DOCKERFILE + "#" + noise(9000).hex())
    with pytest.raises(ArtifactTooLargeError) as caught:
        build_artifact(root, max_size=4000)
    assert "such as" not in str(caught.value)
    assert caught.value.largest == (("Dockerfile", 18_014),)


# Secrets

KEY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bom.pem", f"\ufeff-----BEGIN PRIVATE KEY-----\n{KEY}\n"),
        ("settings.py", f'KEY = """-----BEGIN RSA PRIVATE KEY-----\n{KEY}\n"""\n'),
        ("config.yaml", f'key: "-----BEGIN PRIVATE KEY-----\\n{KEY}\\n"\n'),
        ("large.txt", f"-----BEGIN PRIVATE KEY-----\n{KEY}\n" + "x" * 100_000),
        (".databrickscfg", ""),
        ("terraform.tfstate.backup", ""),
    ],
)
def test_credential_content_is_a_likely_secret(tree, name, content):
    assert problems(tree({name: content})) == [("likely-secret", name)]


def test_empty_directory_is_one_error_and_no_warning(tmp_path):
    client = get_client(Session("a-token", base_url="http://127.0.0.1:9", retries=0))
    with warnings.catch_warnings():
        warnings.simplefilter("error", ArtifactWarning)
        with pytest.raises(ArtifactError, match="there is no file in"):
            client.create_image({"name": "an-image", "type": "workflow"}, {"path": tmp_path})
