"""Reports: sizes, treemap, escaping, pickling; the advice of an archive that is too large; saving an artifact."""

from __future__ import annotations

import pickle
import zipfile
from xml.etree import ElementTree as ET

import pytest

from peak_build_context.scaffold import draft_ignore_file
from peak_images import ArtifactTooLargeError, SaveError, build_artifact, inspect_artifact


@pytest.fixture
def tree(tmp_path):
    """Makes a directory from the contents of files."""

    def make(files):
        root = tmp_path / "context"
        for name, content in {"Dockerfile": "FROM scratch\n", **files}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return make


def noise(size):
    import random

    return random.Random(size).randbytes(size)


def kinds(report):
    return [str(problem.kind) for problem in report.problems]


def test_report_gives_the_zipped_size_beside_the_limit(tree):
    report = inspect_artifact(tree({"a": noise(3000)}), max_size=5000)
    assert report.zipped_size == build_artifact(report.path).size
    assert report.limit == 5000
    assert "zipped 3.1 KiB (limit 4.9 KiB)" in report.summary
    assert kinds(report) == []


@pytest.mark.parametrize(("size", "zipped"), [(9_000, "9.0 KiB"), (300_000, "more than 19.5 KiB")])
def test_report_of_an_archive_that_is_too_large_is_a_problem(tree, size, zipped):
    report = inspect_artifact(tree({"data.bin": noise(size)}), max_size=2000)
    assert kinds(report) == ["too-large"]
    assert report.problems[0].is_certain
    assert f"zipped {zipped}" in report.summary
    assert "such as: data.bin" in report.problems[0].message


def test_usually_ignored_directory_is_one_row_of_a_report(tree):
    report = inspect_artifact(tree({".git/a": noise(4000), ".git/b/c": noise(4000), "app.py": "x" * 100}))
    assert [(row.name, row.file_count) for row in report.largest][:2] == [(".git/", 2), ("app.py", 1)]
    assert "     7.8 KiB  .git/  (2 files)" in str(report)


@pytest.mark.parametrize(
    ("dockerfile", "advised"),
    [
        ("COPY data /data", None),
        ("COPY ./data/ /data", None),
        ("COPY data/x /data", None),
        ("COPY d*a /data", None),
        ('COPY ["data", "/data"]', None),
        ("ARG D=data\nCOPY ${D} /data", None),
        ("COPY app /app", "data"),
        ("COPY . /app", "data"),
        ("RUN --mount=type=bind,source=data,target=/d true", None),
    ],
)
def test_suggested_ignore_lines_never_cover_copy_sources(tree, dockerfile, advised):
    root = tree({"Dockerfile": f"FROM busybox\n{dockerfile}\n", "data/x": noise(9000), "app/a": "x"})
    with pytest.raises(ArtifactTooLargeError) as caught:
        build_artifact(root, max_size=3000)
    assert str(caught.value).partition("such as: ")[2] == (advised or "")


def test_copied_node_modules_are_not_suggested_for_ignoring(tree):
    root = tree({"Dockerfile": "FROM busybox\nCOPY node_modules /n\n", "node_modules/x": noise(9000)})
    with pytest.raises(ArtifactTooLargeError) as caught:
        build_artifact(root, max_size=3000)
    assert "such as" not in str(caught.value)


def test_links_that_multiply_the_size_are_reported(tree):
    root = tree({"model": b"x" * (4 * 2**20)})
    (root / "a").symlink_to("model")
    (root / "b").symlink_to("model")
    (problem,) = inspect_artifact(root).problems
    assert problem.kind == "link"
    assert problem.message.startswith("links add 8.0 MiB to 4.0 MiB")


HOSTILE = ['<script>alert("x")</script>', "a&b", "'quote'", "\udcff", "new\nline", "\x1b[31m"]


def test_html_of_a_report_is_escaped_and_well_formed(tree):
    files = {f"{index}{name.replace('/', '')}": "x" * 500 for index, name in enumerate(HOSTILE)}
    root = tree({**files, ".env": "A=1", ".dockerignore": "<b>*\n", "<b>x": "", "empty": ""})
    html = inspect_artifact(root)._repr_html_()
    html.encode()
    assert "<script>" not in html
    assert "<b>x" not in html
    assert "\x1b" not in html
    root_element = ET.fromstring(html)
    titles = [element.text or "" for element in root_element.iter() if element.tag.endswith("title")]
    assert any(title.endswith("(excluded)") for title in titles)
    assert any(title.endswith("(looks like a secret)") for title in titles)


@pytest.mark.parametrize("count", [0, 1, 2, 500])
def test_treemap_tiles_fill_the_picture(tree, count):
    root = tree({f"d{index % 7}/f{index:03}": "x" * (index + 1) for index in range(count)} | {"Dockerfile": ""})
    svg = ET.fromstring(inspect_artifact(root)._repr_html_()).find("{http://www.w3.org/2000/svg}svg")
    tiles = [element.attrib for element in svg.iter() if element.tag.endswith("rect")]
    area = sum(float(tile["width"]) * float(tile["height"]) for tile in tiles)
    assert area == pytest.approx(640 * 240 if count else 0, rel=0.02)
    assert len(tiles) == min(count, 201)


def test_report_can_be_pickled(tree):
    report = inspect_artifact(tree({".env": "A=1", ".dockerignore": "x", "x": ""}))
    assert pickle.loads(pickle.dumps(report)) == report


def test_save_writes_the_artifact_and_leaves_it_usable(tree, tmp_path):
    with build_artifact(tree({"a": noise(5000)})) as artifact:
        saved = artifact.save(tmp_path / "a.zip")
        assert saved.read_bytes() == artifact.file.read()
        assert artifact.save(str(saved)) == saved  # what exists is replaced
    with zipfile.ZipFile(saved) as archive:
        assert archive.namelist() == ["Dockerfile", "a"]


def test_save_that_fails_leaves_nothing(tree, tmp_path):
    with build_artifact(tree({"a": "x"})) as artifact:
        with pytest.raises(SaveError, match="nope"):
            artifact.save(tmp_path / "nope/a.zip")
        with pytest.raises(SaveError):
            artifact.save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["context"]


# A first ignore file


@pytest.mark.parametrize(
    ("git", "docker"),
    [
        ("*.csv", "**/*.csv"),
        ("dist/", "**/dist"),
        ("/data", "data"),
        ("a/b", "a/b"),
        ("!keep", "!**/keep"),
        ("**/x/", "**/x"),
        ("[!a]x", "**/[^a]x"),
        (r"\#x", r"**/\#x"),
        (r"a\b", "**/ab"),
        ("x   ", "**/x"),
        ("/\nx", "**/x"),
        ("!\n!/\nx", "**/x"),
    ],
)
def test_gitignore_line_in_dockers_terms(tree, git, docker):
    lines = draft_ignore_file(tree({".gitignore": f"{git}\n"})).text.splitlines()
    assert lines[1] == docker


def test_drafted_ignore_file_excludes_nothing_that_the_dockerfile_copies(tree):
    files = {"Dockerfile": "FROM busybox\nCOPY build/app node_modules/x /\n", ".gitignore": "build\n", "build/app": ""}
    root = tree({**files, "node_modules/x": ""})
    (root / ".dockerignore").write_text(draft_ignore_file(root).text)
    assert kinds(inspect_artifact(root)) == []


def test_gitignore_files_of_subdirectories_are_drafted_as_git_reads_them(tree):
    ignore_files = {
        ".gitignore": "/out/*\n*.log\n",
        ".dvc/.gitignore": "/cache\n",
        "data/.gitignore": "/raw.csv\n",
        "out/.gitignore": "*\n!keep\n",
        "renv/.gitignore": "library/\n",
        "we[i]rd/.gitignore": "/x\n",
    }
    excluded = [".dvc/cache/x", "data/raw.csv", "out/a", "out/d/a", "renv/a/library/x", "we[i]rd/x", ".venv/a.py"]
    kept = [".dvc/config", "sub/raw.csv", "sub/cache", "library/x", "we[i]rd/y", "x", ".env.example", "sub/.env.sample"]
    root = tree({**ignore_files, ".venv/.gitignore": "*", **dict.fromkeys([*excluded, *kept, ".env", ".env.prod"], "")})
    (root / ".dockerignore").write_text(draft_ignore_file(root).text)
    files = {file.name for file in inspect_artifact(root).files}
    assert files == {".dockerignore", "Dockerfile", *ignore_files, *kept} - {"out/.gitignore"}


def test_drafted_ignore_file_excludes_directories_without_walking_through_them(tree):
    root = tree({".gitignore": ".venv\n", ".env.example": "", **{f".venv/{n}/.env.example": "" for n in range(3)}})
    (root / ".dockerignore").write_text(draft_ignore_file(root).text)
    assert [row.name for row in inspect_artifact(root).excluded] == [".venv"]


@pytest.mark.parametrize("line", ["x # comment", "!x  # comment", "/data/\t# comment", " # comment", r"a\b #c"])
def test_gitignore_line_with_a_comment_behind_it_is_left_out_with_a_reason(tree, line):
    root = tree({".gitignore": f"{line}\nok\n", "x": ""})
    draft = draft_ignore_file(root)
    (root / ".dockerignore").write_text(draft.text)
    assert "# comment" not in draft.text
    assert "**/ok" in draft.text
    assert draft.reasons[0] == f"{line!r} is left out, since git reads the comment as part of the pattern"
    assert kinds(inspect_artifact(root)) == []


def test_malformed_gitignore_lines_are_not_drafted(tree):
    root = tree({".gitignore": "[\na[]\nok\n\\\n"})
    (root / ".dockerignore").write_text(draft_ignore_file(root).text)
    assert "**/ok" in (root / ".dockerignore").read_text()
    assert kinds(inspect_artifact(root)) == []
