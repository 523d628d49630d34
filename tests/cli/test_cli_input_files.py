"""Input files: what they include, from where, and what is inferred or refused."""

from __future__ import annotations

import io

import pytest


@pytest.fixture
def body_of(done):
    def reading(*argv):
        return done("create", *argv, "--dry-run")["body"]

    return reading


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


MAIN = "body:\n  name: weather\n  type: api\n  buildDetails:\n    {% include 'INCLUDED' %}\n"
DETAILS = "source: dockerfile\ndockerfile: FROM nginx\n"


def test_bare_off_turns_the_preflight_off(done, here, weather, known_service):
    (weather / "Dockerfile").write_text("FROM nginx\nCOPY missing /\n")
    write(here / "main.yaml", "body:\n  name: weather\n  type: api\nartifact:\n  path: weather\n  check: off\n")

    assert done("create", "main.yaml")["imageId"]


@pytest.mark.parametrize("included", ["parts/details.yaml", "./parts/details.yaml", "../common/details.yaml"])
def test_includes_are_relative_to_the_including_file(body_of, here, known_service, included):
    write(here / "files/main.yaml", MAIN.replace("INCLUDED", included))
    write(here / "files" / included, DETAILS)

    assert body_of("files/main.yaml")["buildDetails"]["dockerfile"] == "FROM nginx"


def test_nested_includes_are_relative_to_the_file_that_includes(body_of, here, known_service):
    write(here / "files/main.yaml", MAIN.replace("INCLUDED", "parts/details.yaml"))
    write(here / "files/parts/details.yaml", "{% include 'deeper/more.yaml' %}")
    write(here / "files/parts/deeper/more.yaml", DETAILS)

    assert body_of("files/main.yaml")["buildDetails"]["source"] == "dockerfile"


def test_includes_from_the_working_directory_and_absolute_ones(body_of, here, known_service):
    write(here / "details.yaml", DETAILS)
    for number, included in enumerate(("details.yaml", str(here / "details.yaml"))):
        write(here / f"files/main{number}.yaml", MAIN.replace("INCLUDED", included))
        assert body_of(f"files/main{number}.yaml")["buildDetails"]["source"] == "dockerfile"


@pytest.mark.parametrize("included", ["/etc/hosts", "../outside.yaml", "link.yaml"])
def test_includes_outside_of_the_include_root_are_rejected(run, done, here, known_service, included):
    write(here.parent / "outside.yaml", DETAILS)
    write(here / "main.yaml", MAIN.replace("INCLUDED", included))
    (here / "link.yaml").symlink_to(here.parent / "outside.yaml")

    ended = run("create", "main.yaml", "--dry-run")

    assert ended.code == 2
    assert "which is outside of" in ended.err
    assert "--include-root" in ended.err
    if included != "/etc/hosts":
        done("create", "main.yaml", "--dry-run", "--include-root", "..")


def test_circular_includes_are_an_error(run, here, known_service):
    write(here / "main.yaml", "{% include 'main.yaml' %}")

    ended = run("create", "main.yaml")
    assert ended.code == 2
    assert "includes itself" in ended.err


def test_context_of_an_included_file_is_relative_to_that_file(body_of, here, known_service):
    write(here / "files/main.yaml", MAIN.replace("INCLUDED", "app/details.yaml"))
    write(here / "files/app/details.yaml", 'source: github\nrepository: https://a/b\ncontext: "docker"\n')

    assert body_of("files/main.yaml")["buildDetails"]["context"] == "app/docker"


def test_create_or_update_needs_no_type_for_an_image_that_exists(done, run, seed, here, known_service):
    write(here / "main.yaml", "body: {name: weather, buildDetails: {dockerfile: FROM nginx}}")
    missing = run("create-or-update", "main.yaml")
    assert missing.code == 2
    assert "type" in missing.err
    image = seed.image("weather")

    assert done("create-or-update", "main.yaml")["imageId"] == int(image["imageId"])
    assert "can't be changed" in run("create-or-update", "main.yaml", "--type", "webapp").err


def test_artifact_directory_is_reported_before_sending(run, known_service, weather):
    ended = run("create", "--name", "a", "--type", "api", "--artifact-path", "weather")

    assert ended.code == 0
    assert ended.err == f"artifact: {weather}\n"


def test_dockerfile_beside_the_input_file_and_not_in_the_working_directory_warns(run, here, known_service):
    write(here / "project/Dockerfile", "FROM nginx\n")
    write(here / "project/main.yaml", "body: {name: a, type: api}\nartifact: {path: .}\n")
    write(here / "other.txt", "")

    err = run("create", "project/main.yaml", "--dry-run").err
    assert f"artifact.path: . is {here}, which has no Dockerfile; project has one" in err


def test_source_is_inferred_from_the_dockerfile(body_of, known_service):
    body = body_of("--name", "a", "--type", "api", "--dockerfile", "FROM nginx")

    assert body["buildDetails"] == {"dockerfile": "FROM nginx", "source": "dockerfile"}


@pytest.mark.parametrize("text", ["Dockerfile", "./Dockerfile", "docker/Dockerfile.prod"])
def test_path_in_place_of_dockerfile_contents_is_rejected(run, known_service, text):
    ended = run("create", "--name", "a", "--type", "api", "--dockerfile", text)

    assert ended.code == 2
    assert f"--dockerfile @{text} reads it from a file" in ended.err
    assert known_service.requests == []


@pytest.mark.parametrize("options", [[], ["--source", "upload"], ["--dockerfile", "FROM nginx"]])
def test_token_without_github_is_rejected(run, known_service, options):
    ended = run("create", "--name", "a", "--type", "api", "--token", "name", *options)

    assert ended.code == 2
    assert "--token requires --source github" in ended.err
    assert known_service.requests == []


@pytest.mark.parametrize("command", [["create", "--name", "a", "--type", "api"], ["update-version", "1:2"]])
@pytest.mark.parametrize("dry_run", [[], ["--dry-run"]])
def test_token_of_the_service_is_rejected(run, known_service, command, dry_run):
    source = ("--source", "github", "--repository", "https://a/b")
    ended = run(*command, *source, "--token", known_service.token, *dry_run)

    assert ended.code == 2
    assert "this is the token of the service" in ended.err
    assert known_service.token not in ended.err
    assert known_service.requests == []


@pytest.mark.parametrize("expression", ["count > 3", "count * 1.5", "count + 1"])
def test_calculation_with_a_text_parameter_hints_at_int(run, here, known_service, expression):
    (here / "image.yaml").write_text(f"body: {{description: {{{{ {expression} }}}}}}\n")
    (here / "params.yaml").write_text("count: 10\n")
    ended = run("create", "image.yaml", "--params-file", "params.yaml")

    assert ended.code == 2
    assert "_Scalar" not in ended.err
    assert "Hint: parameters are text: {{ name | int }} is a number." in ended.err


FILE = "body:\n  name: piped\n  type: api\n  buildDetails: {source: dockerfile, dockerfile: FROM nginx}\n"


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["create", "-"], FILE),
        (["create", "--name", "piped", "--type", "api", "--dockerfile", "@-"], "FROM nginx\n"),
        (["create", "--name", "piped", "--type", "api", "--build-details", "@-"], '{"source": "upload"}'),
    ],
    ids=["input file", "text", "JSON"],
)
def test_dash_reads_standard_input(done, known_service, monkeypatch, arguments, text, mark):
    monkeypatch.setattr("sys.stdin", io.StringIO(mark + text))
    assert done(*arguments, "--dry-run")["body"]["name"] == "piped"


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_files_with_a_byte_order_mark_are_read_as_without_it(done, here, monkeypatch, known_service, end):
    def write(name, text):
        (here / name).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", end).encode())

    write("config.toml", f'[profiles.mine]\nurl = "{known_service.url}"\n')
    monkeypatch.setenv("PEAK_IMAGES_CONFIG", str(here / "config.toml"))
    write("image.yaml", FILE + "  version: '{{ version }}'\n")
    write("params.yaml", "version: 1.10.0\n")
    write("Dockerfile", "FROM nginx\n")
    write("pyproject.toml", '[tool.peak-images]\nname = "project"\ntype = "api"\n')

    assert done("profiles")["profiles"][0]["name"] == "mine"
    request = done("create", "image.yaml", "--params-file", "params.yaml", "--dry-run")
    assert (request["body"]["name"], request["body"]["version"]) == ("piped", "1.10.0")
    request = done("create", "--name", "a", "--type", "api", "--dockerfile", "@Dockerfile", "--dry-run")
    assert request["body"]["buildDetails"]["dockerfile"] == "FROM nginx\n"
    (here / "image.yaml").unlink()
    assert done("deploy", ".", "--dry-run")["body"]["name"] == "project"
