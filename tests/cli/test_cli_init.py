"""``init``: a first ignore file and input file, from what is in a directory, and nothing overwritten."""

import resource

import pytest
import yaml


@pytest.fixture
def project(here):
    root = here / "Tide Tables"
    root.mkdir()
    return root


def written(root):
    return yaml.safe_load((root / "image.yaml").read_text())


def test_init_writes_both_files_with_reasons(done, project):
    (project / "Dockerfile").write_text("FROM nginx\nCOPY dist /dist\n")
    (project / ".gitignore").write_text("dist/\n*.csv\n/data\n!keep.csv\n# a comment\n")
    (project / "requirements.txt").write_text("fastapi\n")

    shown = done("init", "Tide Tables")["files"]

    assert [(row["path"], row["written"]) for row in shown] == [
        ("Tide Tables/.dockerignore", True),
        ("Tide Tables/image.yaml", True),
    ]
    lines = (project / ".dockerignore").read_text().splitlines()
    assert {"**/*.csv", "data", "!**/keep.csv", ".git", "**/node_modules"} <= set(lines)
    assert "# **/dist  (the Dockerfile copies dist)" in lines
    assert "'**/dist' is commented out, since the Dockerfile copies 'dist'" in shown[0]["reasons"]
    assert written(project) == {
        "body": {"name": "tide-tables", "type": "api", "buildDetails": {"source": "upload"}},
        "artifact": {"path": "Tide Tables"},
    }


def test_init_names_the_command_that_builds(run, project):
    table = run("init", "Tide Tables", "-o", "table").out

    assert table.splitlines()[-1] == "next: write a Dockerfile, then peak-images deploy 'Tide Tables'"
    assert (project / "image.yaml").read_text().startswith("# Build it: peak-images deploy 'Tide Tables'\n")


def test_init_with_a_dockerfile_names_only_the_command_that_builds(run, project):
    (project / "Dockerfile").write_text("FROM scratch\n")

    assert run("init", "Tide Tables", "-o", "table").out.endswith("next: peak-images deploy 'Tide Tables'\n")


def test_init_keeps_files_that_exist(done, project):
    (project / ".dockerignore").write_text("mine\n")
    done("init", "Tide Tables")

    shown = done("init", "Tide Tables")["files"]

    assert [row["written"] for row in shown] == [False, False]
    assert (project / ".dockerignore").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"pyproject.toml": '[project]\ndependencies = ["streamlit"]'}, "webapp"),
        ({"requirements.txt": "flask==3"}, "api"),
        ({"analysis.R": ""}, "workspace-r"),
        ({"notebooks/a.ipynb": "{}"}, "workspace-python"),
        ({"main.py": ""}, "workflow"),
    ],
)
def test_init_guesses_the_type(done, project, files, kind):
    for name, text in files.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text)

    done("init", "Tide Tables")

    assert written(project)["body"]["type"] == kind


def test_init_takes_a_lower_case_dockerfile_for_one(run, project):
    (project / "dockerfile").write_text("FROM nginx\n")

    assert run("init", "Tide Tables", "-o", "table").out.endswith("next: peak-images deploy 'Tide Tables'\n")
    assert "dockerfilePath" not in written(project)["body"]["buildDetails"]


def test_init_finds_a_dockerfile_elsewhere(done, project):
    for directory in ("docker", ".devcontainer"):
        (project / directory).mkdir()
        (project / directory / "Dockerfile").write_text("FROM nginx\n")

    done("init", "Tide Tables")

    assert written(project)["body"]["buildDetails"]["dockerfilePath"] == "docker/Dockerfile"


def test_init_leaves_no_part_of_a_file_that_can_not_be_written(run, project):
    (project / "Dockerfile").write_text("FROM nginx\n")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, limits[1]))
    try:
        ended = run("init", project)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert ended.code == 2
    assert "can't be written: File too large" in ended.err
    assert [path.name for path in project.iterdir()] == ["Dockerfile"]


def test_init_of_a_missing_directory_is_an_error(run, here):
    assert run("init", "nope").code != 0


def test_pack_takes_an_input_file_and_build_arguments(run, done, project):
    (project / "docker").mkdir()
    (project / "docker/Dockerfile").write_text("FROM nginx\nARG F=nope\nCOPY $F /\n")
    (project / "app").mkdir()
    (project / "app/a.py").write_text("print()")
    (project / "ignore").write_text("**/*.log\n")
    (project / "a.log").write_text("x")
    done("init", "Tide Tables")
    document = written(project)
    document["artifact"]["ignore_files"] = ["ignore"]
    (project / "image.yaml").write_text(yaml.safe_dump(document))

    failing = run("pack", "Tide Tables/image.yaml", "--strict")
    shown = done("pack", "Tide Tables/image.yaml", "--strict", "--build-arguments", "F=app")

    assert failing.code == 3
    assert "source-missing" in failing.out
    assert shown["problems"] == []
    assert [(row["name"], row["ignoreFile"], row["line"]) for row in shown["leftOut"]] == [("a.log", "ignore", 1)]
    assert shown["zippedSize"] > 0


def test_pack_shows_a_bar_for_each_directory(run, project):
    (project / "Dockerfile").write_text("FROM nginx\n")
    (project / "data").mkdir()
    (project / "data/a").write_bytes(b"x" * 5000)

    table = run("pack", "Tide Tables", "-o", "table").out

    assert "████████████████████████     4.9 KiB  data/" in table


def test_pack_shows_a_directory_that_is_usually_ignored_as_one_line(run, project):
    (project / "Dockerfile").write_text("FROM nginx\n")
    for name in (".git/objects/a", ".git/objects/b", "app/node_modules/x/y.js", "app/main.js"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("x")

    table = run("pack", "Tide Tables", "-o", "table").out.splitlines()

    assert table[1:6] == [
        "├── .git/  2 B in 2 files",
        "├── Dockerfile  11 B",
        "└── app/",
        "    ├── main.js  1 B",
        "    └── node_modules/  1 B in 1 file",
    ]


def test_dockerfile_in_place_of_an_input_file_hints_at_its_directory(run, project):
    (project / "Dockerfile").write_text("FROM nginx\n")

    for command in ("pack", "deploy", "create"):
        assert run(command, "Tide Tables/Dockerfile").err.endswith("Hint: give the directory that it is in.\n")


@pytest.mark.parametrize(
    "text", ["artifact: {path: ., nope: 1}", "body: {}", "body: {buildDetails: 3}\nartifact: {path: .}"]
)
def test_pack_of_an_input_file_that_no_create_takes_is_an_error(run, here, text):
    (here / "image.yaml").write_text(text)

    ended = run("pack", "image.yaml")

    assert ended.code != 0
    assert "image.yaml: " in ended.err
