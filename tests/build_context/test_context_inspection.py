"""The preview: what would be uploaded, what is excluded, and what a build would fail on."""

from __future__ import annotations

import base64
import json
import warnings
from types import SimpleNamespace

import pytest

from peak_build_context import BuildContextError, find_problems, inspect, scan_context
from peak_build_context.text import format_size
from peak_images import build_artifact, inspect_artifact
from peak_images._artifacts import warn_about
from peak_images.errors import ArtifactWarning

KEY = base64.b64encode(bytes(range(96))).decode()


def pem(label, headers=""):
    return f"-----BEGIN {label}-----\n{headers}{KEY}\n-----END {label}-----\n"


@pytest.fixture
def context(tmp_path):
    """Makes a context from the contents of files; it has a Dockerfile unless that is None."""

    def make(files=(), dockerfile="FROM scratch\n"):
        files = dict(files)
        if dockerfile is not None:
            files.setdefault("Dockerfile", dockerfile)
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return tmp_path

    return make


def problems(path, **options):
    return [(str(problem.kind), problem.path) for problem in inspect_artifact(path, **options).problems]


def test_report_lists_files_exclusions_and_problems(context):
    root = context(
        {"src/app.py": "x" * 2000, ".dockerignore": "data\n*.log\n", "data/a": "", "b.log": "", ".env": "A=1"}
    )
    report = inspect_artifact(root)
    assert [(file.name, file.size) for file in report.files] == [
        (".dockerignore", 11),
        (".env", 3),
        ("Dockerfile", 13),
        ("src/app.py", 2000),
    ]
    assert report.total_size == 2027
    assert [(row.name, row.pattern, row.ignore_file) for row in report.excluded] == [
        ("b.log", "*.log", ".dockerignore"),
        ("data", "data", ".dockerignore"),
    ]
    assert str(report) == (
        f"{root}: 4 files, 2.0 KiB, zipped {report.zipped_size} B (limit 10.0 MiB)\n"
        "     2.0 KiB  src/app.py\n"
        "        13 B  Dockerfile\n"
        "        11 B  .dockerignore\n"
        "         3 B  .env\n"
        "Excluded:\n"
        "  b.log  (by '*.log' in .dockerignore:2)\n"
        "  data  (by 'data' in .dockerignore:1)\n"
        "Problems:\n"
        "  likely-secret: .env looks like a file of environment variables and will be uploaded; "
        "add '.env' to .dockerignore"
    )
    with build_artifact(root) as artifact:
        assert artifact.size == report.zipped_size


def test_ipython_shows_the_text_of_a_report(context):
    report, texts = inspect_artifact(context()), []
    report._repr_pretty_(SimpleNamespace(text=texts.append), False)
    assert texts == [str(report)]


def test_report_without_problems_is_empty(context):
    root = context()
    assert (
        str(inspect_artifact(root)) == f"{root}: 1 file, 13 B, zipped 131 B (limit 10.0 MiB)\n        13 B  Dockerfile"
    )


def test_text_of_a_long_report_is_truncated_and_printable(context):
    root = context({f"f{index:03}": "" for index in range(100)} | {"\udcff\n": ""})
    text = str(inspect_artifact(root))
    assert text.encode()
    assert text.splitlines()[-1] == "  … and 82 more"


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (10 * 2**20, "10.0 MiB"), (5 * 2**30, "5.0 GiB")],
)
def test_format_size(size, text):
    assert format_size(size) == text


def test_report_and_artifact_list_the_same_files(context):
    root = context({"a/b": "", ".dockerignore": "*\n!a"})
    scanned = scan_context(root)
    with build_artifact(root) as artifact:
        folders = sum(entry.is_directory for entry in scanned.entries)
        assert artifact.entry_count == len(inspect(scanned).files) + folders
        assert artifact.uncompressed_size == inspect(scanned).total_size


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("COPY . /app", []),
        ("COPY / /app", []),
        ("COPY ./ ../ /app/", []),
        ("COPY src/app.py src /app/", []),
        ("COPY /src/../src/app.py /app/", []),
        ('COPY ["src/app.py", "with blank", "/app/"]', []),
        ('COPY "with blank" /app/', ["dockerfile-syntax"]),
        (r"COPY with\ blank /app/", ["source-missing", "source-missing"]),
        ("copy src/*.py /app/", []),
        ("COPY s?c/[a-z]pp.py /app/", []),
        ("COPY --chown=1:1 --exclude=*.md src /app", []),
        ("COPY --from=builder /nope /app/", []),
        ("ADD https://example.com/nope.tgz /app/", []),
        ("ADD git@github.com:a/b.git#v1 /app/", []),
        ("ADD --checksum=sha256:0 HTTP://example.com/nope /app/", ["dockerfile-syntax"]),
        ("COPY <<EOF <<-'END' /app/\nCOPY nope /\nEOF\n\tmore\n\tEND", []),
        ("RUN <<EOF\nCOPY nope /\nEOF", []),
        ("ONBUILD COPY nope /app/", []),
        ("COPY nope /app/", ["source-missing"]),
        ("ADD nope also-nope /app/", ["source-missing", "source-missing"]),
        ("COPY src \\\n  # a remark\n  nope /app/", ["source-missing"]),
        ("COPY *.md /app/", ["source-missing"]),
        ("COPY nope/*/x /app/", ["source-missing"]),
        ("COPY https://example.com/nope /app/", ["dockerfile-syntax"]),
        ("COPY data/train.csv /app/", ["source-ignored"]),
        ("COPY data /app/", ["source-ignored"]),
        ("COPY data/*.csv /app/", ["source-ignored"]),
        ("COPY *.log /app/", ["source-ignored"]),
        ("COPY data/nope /app/", ["source-missing"]),
        ("COPY part/kept part/ /app/", []),
        ("COPY part/dropped /app/", ["source-ignored"]),
        ("COPY $UNKNOWN ${UNKNOWN}/x /app/", []),
        ("ARG D=src\nCOPY $D/app.py /app/", []),
        ("ARG D=nope\nCOPY ${D}/app.py /app/", ["source-missing"]),
        ("ARG D\nCOPY $D /app/", []),
        ("ARG D=src\nARG D\nCOPY $D /app/", []),
        ("ENV D=nope E=$D\nCOPY $D $E /app/", ["source-missing"]),
        ("ENV D nope\nCOPY $D /app/", ["source-missing"]),
        ("ENV D=nope\nFROM scratch\nCOPY $D /app/", []),
        ("ENV D=nope\nENV D=$UNKNOWN\nCOPY $D /app/", []),
        ("ARG TOP\nCOPY $TOP /app/", ["source-missing"]),
        ("COPY $TOP /app/", []),
        ("FROM scratch AS one\nENV D=nope\nFROM one\nCOPY $D /app/", ["source-missing"]),
        ("COPY ${D:-nope} /app/", []),
        ("COPY src", ["dockerfile-syntax"]),
        ("COPY [a /app/", ["dockerfile-syntax"]),
        ("COPY ${D /app/", ["dockerfile-syntax"]),
        ("COPI src /app/", ["dockerfile-syntax"]),
        ("RUN <<EOF\nnever closed", ["dockerfile-syntax"]),
    ],
)
def test_copy_sources_that_are_found_are_no_problem(context, lines, found):
    files = {
        "src/app.py": "",
        "with blank": "",
        "data/train.csv": "",
        "a.log": "",
        "part/kept": "",
        "part/dropped": "",
        ".dockerignore": "data\n*.log\npart\n!part/kept",
    }
    root = context(files, f"ARG TOP=top-of-file\nFROM python:3.11\n{lines}\n")
    assert [kind for kind, _ in problems(root)] == found


def test_message_of_a_missing_source(context):
    root = context({"data/a": "", ".dockerignore": "# big\ndat?\n"}, "FROM scratch\n\nCOPY nope /\nADD data/ /\n")
    assert [problem.message for problem in inspect_artifact(root).problems] == [
        "Dockerfile:3: COPY: 'nope' not found in the build context",
        (
            "Dockerfile:4: ADD: 'data/' not found in the build context; .dockerignore:2 ('dat?') excludes it: "
            "remove that line, or add '!data' after it"
        ),
    ]


def test_message_of_a_malformed_dockerfile(context):
    (problem,) = inspect_artifact(context(dockerfile="FROM scratch\nCOPI a b\n")).problems
    assert problem.message == "Dockerfile:2: unknown instruction: COPI; did you mean COPY?"
    (problem,) = inspect_artifact(context(dockerfile="# nothing\n")).problems
    assert problem.message == "Dockerfile: there are no instructions in it"


def test_build_arguments_replace_defaults(context):
    scanned = scan_context(context({"src/a": ""}, "FROM scratch\nARG D=nope\nARG E\nCOPY $D $E /\n"))
    assert [problem.kind for problem in find_problems(scanned)] == ["source-missing"]
    assert find_problems(scanned, {"D": "src", "E": "src/a", "UNUSED": "nope"}) == ()


def test_sources_are_relative_to_the_builds_context(context):
    root = context({"app/a": "", "b": ""}, "FROM scratch\nCOPY a ../a /\nCOPY b /\n")
    assert problems(root, context="./app/") == [("source-missing", "app/b")]
    assert problems(root, context="/") == [("source-missing", "a"), ("source-missing", "a")]


def test_dockerfile_is_found_by_dockerfile_path(context):
    root = context({"images/v1/Dockerfile": "FROM scratch\nCOPY nope /\n", "app/Dockerfile": "FROM scratch\n"}, None)
    assert problems(root) == [("dockerfile-missing", "Dockerfile")]
    assert problems(root, dockerfile_path="images/v1/Dockerfile", context="/") == [("source-missing", "nope")]
    # It is relative to the root of the artifact, whatever the build context is.
    assert problems(root, dockerfile_path="v1/Dockerfile", context="images") == [
        ("dockerfile-missing", "v1/Dockerfile")
    ]
    assert problems(root, context="app") == [("dockerfile-missing", "Dockerfile")]


@pytest.mark.parametrize(
    ("directory", "ignore_file", "rules", "found"),
    [
        ("", ".dockerignore", "*\n!src\n", []),
        ("sub/", ".dockerignore", "sub\n", []),
        ("", "Dockerfile.dockerignore", "src\n", [("source-ignored", "src")]),
        ("", "dockerfile.dockerignore", "src\n", []),
    ],
)
def test_lower_case_dockerfile_is_included_and_has_the_ignore_file_of_the_upper_case_name(
    context, directory, ignore_file, rules, found
):
    files = {f"{directory}dockerfile": "FROM scratch\nCOPY src /\n", ignore_file: rules, "src/a": ""}
    report = inspect_artifact(context(files, None), dockerfile_path=f"{directory}Dockerfile")
    assert [(problem.kind, problem.path) for problem in report.problems] == found
    assert f"{directory}dockerfile" in [file.name for file in report.files]


@pytest.mark.parametrize(
    "name",
    ["docker/Dockerfile", "Dockerfile.prod", "gpu.Dockerfile", "Dockerfile-gpu", "Containerfile", "dockerfile_v2"],
)
def test_missing_dockerfile_names_the_one_that_is_there(context, name):
    root = context({name: "FROM scratch\n", "Dockerfile.dockerignore": "", "dockerfiles/a": ""}, None)
    (problem,) = inspect_artifact(root).problems
    assert problem.message.endswith(f"set dockerfilePath to the Dockerfile that is there: {name!r}")


def test_missing_dockerfile_names_the_likeliest_first(context):
    names = (".devcontainer/Dockerfile", "a/b/c/Dockerfile", "docker/Dockerfile", "src/dockerfile.py", "Dockerfile.md")
    (problem,) = inspect_artifact(context(dict.fromkeys(names, ""), None)).problems
    assert problem.message.endswith(": 'docker/Dockerfile', 'a/b/c/Dockerfile', '.devcontainer/Dockerfile'")


def test_dockerfile_that_links_outside_leaves_no_file(context, tmp_path):
    root = context(dockerfile=None)
    (root / "Dockerfile").symlink_to("/etc/hostname")
    assert inspect_artifact(root).problems[0].message == f"there is no file in {str(root)!r}"


def test_dockerfile_deleted_after_the_walk_is_an_error(context):
    root = context()
    scanned = scan_context(root)
    (root / "Dockerfile").unlink()
    with pytest.raises(BuildContextError, match=r"Dockerfile' can't be read"):
        find_problems(scanned)


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("srcs", "'src'"),
        ("Src", "'src'"),
        ("readme.md", "'README.md'"),
        ("src/App.py", "'src/app.py'"),
        ("requirements.txt", "'services/api/requirements.txt'"),
        ("api/", "'services/api'"),
        ("app.py", "'src/app.py'"),
        ("secret", None),
        ("main.py", None),
        ("package.json", None),
        ("node_modules/p", "'web/node_modules/p'"),
        ("*.nope", None),
        ("nope", None),
        ("donn\u00e9es", "'donne\u0301es', in another Unicode form"),
    ],
)
def test_missing_source_hints_at_a_similar_name_or_the_same_one_elsewhere(context, source, hint):
    names = ("src/app.py", "README.md", "a/b/c/requirements.txt", "services/api/requirements.txt", "data/secret")
    names += ("donne\u0301es/a", "venv/lib/x/main.py", "web/node_modules/p/package.json")
    root = context({**dict.fromkeys(names, ""), ".dockerignore": "data"}, f"FROM scratch\nCOPY {source} /o/\n")
    (problem,) = inspect_artifact(root).problems
    assert problem.message.partition("did you mean ")[2].rstrip("?") == (hint or "")


SECRETS = {
    ".env": "A=1",
    "config/.env.production": "A=1",
    "prod.env": "A=1",
    "id_rsa": "",
    "ssh/id_ed25519": "",
    "key.pem": pem("RSA PRIVATE KEY"),
    "encrypted.pem": pem("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n"),
    "server.key": pem("PRIVATE KEY").replace("\n", "\r\n"),
    "notes.txt": "The key:\n\n" + pem("OPENSSH PRIVATE KEY"),
    "values.yaml": "key: |\n  " + pem("EC PRIVATE KEY").replace("\n", "\n  "),
    "signing.asc": pem("PGP PRIVATE KEY BLOCK", "\n"),
    "deploy.json": json.dumps({"type": "service_account", "private_key": pem("PRIVATE KEY")}),
    "store.p12": "",
    "putty.PPK": "",
    ".aws/credentials": "",
    ".docker/config.json": '{"auths": {"x": {"auth": "dTpw"}}}',
    ".git/config": "[remote]\n\turl = https://u:token@example.com/x.git\n",
    ".kube/config": "",
    ".npmrc": "//registry.npmjs.org/:_authToken=npm_abc\n",
    ".yarnrc.yml": "npmAuthToken: 'abc'\n",
    ".pypirc": "[pypi]\nusername = a\npassword = pypi-abc\n",
    "pip.conf": "[global]\nindex-url = https://u:p@example.com/simple\n",
    ".envrc": "export API_KEY=abc\n",
    ".netrc": "",
    ".git-credentials": "",
    "kubeconfig": "",
    "dev.kubeconfig": "",
    ".streamlit/secrets.toml": "",
    ".Renviron": "GITHUB_PAT=abc\n",
    ".env.staging": "# a comment\n\nexport  DB-URL = 'postgres://db'\r\n",
    ".env.local": "NEXT_PUBLIC_URL=/\nNAME=a\n",
    "services/.env": "# a text of another form\nabc\n",
    "single_quotes.env": "DB_PASSWORD='$tr0ng!'\n",
    "single_quoted_dollar.env": "DB_PASSWORD='$tr0ng'\n",
    "quoted_hash.env": 'DB_PASSWORD="#h4sh"\n',
    "hash.env": "DB_PASSWORD=#h4sh\n",
    "dollar.env": "A=\nA=$5cret\r\n",
    "dollar_inside.env": 'A="$B$5cret"\n',
    "two_references.env": "A=${B}-s3cr3t\n",
    "default_value.env": "KEY=${KEY:-s3cr3t}\n",
    "quoted_name.env": '"A"=1\n',
    "colon.env": "A:B=1\n",
    "yaml.env": "A: 1\n",
    "bom.env": "\ufeffTOKEN=abc",
    "old_line_ends.env": "# a comment\rTOKEN=abc\r",
    "several_lines.env": 'KEY="\nabc\n"\n',
    "public_prefix.env": "NEXT_PUBLIC_URL=/\nexport VITE_API_KEY=abc\n",
    "public_prefix_lower.env": "REACT_APP_db_password=abc\n",
    "bom/.envrc": "\ufeffAPI_KEY=abc\n",
    "pat/.envrc": "GITHUB_PAT_READ=abc\n",
    "app/.dvc/config.local": "['remote \"s3\"']\n    secret_access_key = abc\n",
    "token/.dvc/config.local": "    sas_token = 'abc'\r\n",
    "account/.dvc/config.local": "connection_string = AccountKey=abc\n",
    "profiles.yml": "x:\n  outputs:\n    dev:\n      type: postgres\n      pass: abc\n",
    "block/profiles.yml": "dev:\n  pass: >-\n    abc\n",
    "tilde/profiles.yml": "password: ~abc\n",
    "quoted/profiles.yml": "password: '|abc'\n",
    "null/profiles.yml": "token: nullabc\n",
    "requirements.txt": "--extra-index-url https://user:token@example.com/simple\nnumpy\n",
    "percent/requirements.txt": "git+https://user:%21abc@example.com/a\n",
    ".condarc": "channels:\n  - https://u:p@example.com/conda\n",
    "kaggle.json": "",
    ".cache/huggingface/token": "",
}

HARMLESS = {
    ".npmrc": "save-exact=true\nalways-auth=true\n# _authToken=x\n//r/:_authToken=${NPM_TOKEN}\n",
    ".yarnrc.yml": 'nodeLinker: node-modules\nnpmAuthToken: "${TOKEN}"\n',
    ".pypirc": "[distutils]\nindex-servers = pypi\n",
    "pip.conf": "[global]\nindex-url = https://example.com/simple\nextra-index-url = https://${USER}:${KEY}@x/\n",
    ".envrc": "layout python\nexport KEYCLOAK_URL=$URL\nPATH_add bin\nMODEL_PATIENCE=3\nPYTHON_PATCH=1\n",
    ".Renviron": "R_LIBS=library\nR_PAT=\nR_LIBS_PATH=library\nFILE_PATTERN=x\nAPI_KEY=\n",
    ".env": "",
    ".env.local": "# A=1\n\nA=\nB=''\nC=$A\nD=${A}\nE= # none\n",
    ".env.production": "NEXT_PUBLIC_URL=/api\nVITE_TITLE='a'\nexport PUBLIC_NAME = a b # c\n",
    "quoted.env": 'export A="$B"\r\n  C = "${D}" # a reference\r\nE=\'\' # none\r\nF=""\r\n\t\r\n #G=1',
    "bom.env": "\ufeffA=\n",
    ".env.keep/x": "A=1",
    ".dvc/config": "[core]\n    remote = s3\n['remote \"s3\"']\n    url = s3://bucket\n    ask_password = true\n",
    ".dvc/config.local": "credentialpath = /a.json\nkeyfile = /a/id\n ask_password = true\naccess_key_id = a\n",
    "profiles.yml": "password: \"{{ env_var('P') }}\"\npass: ''\ntoken: ${TOKEN}\nthreads: 4\n",
    "null/profiles.yml": "password: ~\ntoken: null\r\npass: ~ # none\ntoken: NULL",
    "block/profiles.yml": "password: |\npass: >\ntoken: |-\r\n  {{ env_var('P') }}\n  pass: > # none\nx: >",
    "requirements.txt": "git+https://github.com/a/b\n--index-url https://${USER}:${TOKEN}@example.com/simple\n",
    "placeholders/requirements.txt": "# pip install git+https://<user>:<token>@example.com/a\n",
    "placeholders/pip.conf": "[global]\nindex-url = https://user:%(PASS)s@x/\nextra-index-url = https://aws:{{token}}@x/\n",
    ".condarc": "channels:\n  - conda-forge\n",
    "huggingface/tokenizer": "",
    ".docker/config.json": '{"auths": {}, "credsStore": "desktop"}',
    ".git/HEAD": "ref: refs/heads/main",
    ".git/config": "[remote]\n\turl = https://example.com/x.git\n",
    ".env.example": "A=",
    ".env.sample": "A=",
    "example.env": "A=",
    "settings/.env.production": "",
    "empty.env": "",
    "environment.py": "",
    "cert.pem": pem("CERTIFICATE"),
    "public.pem": pem("PUBLIC KEY"),
    "id_rsa.pub": "ssh-rsa AAAA",
    "keys.py": 'MARK = "-----BEGIN PRIVATE KEY-----"\n',
    "docs.md": "It begins with -----BEGIN RSA PRIVATE KEY-----, and so on.\n",
    "pgp.asc": pem("PGP PUBLIC KEY BLOCK", "\n"),
    "config.json": "{}",
    "credentials": "",
    "config": "",
    "big.txt": "x" * 70_000 + "\n" + pem("PRIVATE KEY"),
}


@pytest.mark.parametrize("name", SECRETS)
def test_likely_secret_is_a_problem(context, name):
    root = context({name: SECRETS[name]})
    assert problems(root) == [("likely-secret", name)]


def test_harmless_file_is_no_secret(context):
    assert problems(context(HARMLESS)) == []


def test_excluded_secret_is_no_problem(context):
    assert (
        problems(context({".dockerignore": "**/*.pem\n.env*\n.git", "d/key.pem": "", ".env": "", ".git/HEAD": ""}))
        == []
    )


def test_git_repository_is_one_problem(context):
    root = context(
        {
            "sub/.git/config": "",
            "sub/.git/objects/ab/cd": "",
            "sub/.git/keys/id_rsa": "",
            "sub/.gitignore": "",
            ".git": "gitdir: ../x",
        }
    )
    assert problems(root) == [("likely-secret", "sub/.git")]


def test_link_to_a_secret_is_a_secret(context):
    root = context({"d/.env": "A=1"})
    (root / "settings").symlink_to("d/.env")
    assert problems(root) == [("likely-secret", "d/.env"), ("likely-secret", "settings")]


def test_file_deleted_before_preflight_is_an_error(context):
    root = context({"a": "x"})
    scanned = scan_context(root)
    (root / "a").unlink()
    with pytest.raises(BuildContextError, match=r"a' can't be read"):
        find_problems(scanned)


def test_warnings_point_at_the_caller(context):
    scanned = scan_context(context({".env": "A=1"}, None))
    with pytest.warns(ArtifactWarning) as caught:
        warn_about(find_problems(scanned))
    assert [str(warning.message).partition(" in ")[0] for warning in caught] == [
        "there is no 'Dockerfile'",
        ".env looks like a file of environment variables and will be uploaded; add '.env' to .dockerignore",
    ]
    assert {warning.filename for warning in caught} == {__file__}


def test_build_artifact_does_not_warn_about_secrets(context):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        build_artifact(context({".env": "A=1"}, None)).close()
