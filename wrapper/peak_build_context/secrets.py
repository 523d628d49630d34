"""Find likely secrets: by name where that is enough, by content for names that often hold none."""

from __future__ import annotations

import os
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from typing import Final

from peak_build_context.context import Context, Entry
from peak_build_context.files import read_head
from peak_build_context.problems import Problem, ProblemKind
from peak_build_context.text import ignore_line, show_name

_CREDENTIALS: Final = frozenset((
    ".boto", ".databrickscfg", ".git-credentials", ".htpasswd", ".my.cnf", ".netrc", ".pgpass", ".s3cfg",
    ".vault-token", "_netrc", "application_default_credentials.json", "client_secret.json",
    "credentials.csv", "credentials.json", "kaggle.json", "kubeconfig", "terraform.tfstate", "terraform.tfstate.backup",
    ".aws/credentials", ".cargo/credentials", ".cargo/credentials.toml", ".gem/credentials", ".huggingface/token",
    ".kube/config", ".snowflake/connections.toml", ".streamlit/secrets.toml", "huggingface/token",
))  # fmt: skip
"""Files whose purpose is to hold credentials, by name or by name and directory, in lower case."""

_NPM: Final = re.compile(
    rb"(?m)^[^#;\n]*(?:_authToken|_auth|_password|npmAuthToken|npmAuthIdent)[\"']?[ \t]*[=: \t][ \t]*[\"']?[^\s\"'$]"
)
_DOCKER: Final = re.compile(rb'"(?:auth|identitytoken|registrytoken|password)"\s*:\s*"[^"]')
_PASSWORD: Final = re.compile(
    rb"(?mi)^[ \t]*(?:pass(?:word)?|token|client_secret)[ \t]*[=:][ \t]*"
    rb"(?:[>|][-+\d]*[ \t]*\r?\n[ \t]+|(?![>|][-+\d]*\s))"  # a block of YAML has its text on the next line
    rb"(?!(?:~|null)(?:\s|$))[\"']?[^\s\"'%${#]"
)
_DVC: Final = re.compile(
    rb"(?mi)^[ \t]*(?:password|passphrase|(?:gdrive_)?client_secret|oss_key_secret|(?:secret_access|account)_key"
    rb"|(?:(?:sas|session)_)?token|connection_string)[ \t]*=[ \t]*[\"']?[^\s\"'$]"
)
_VARIABLE: Final = re.compile(
    rb"(?mi)^[ \t]*(?:export[ \t]+)?\w{0,64}(?:KEY|TOKEN|SECRET|PASSW|PWD|CREDENTIAL|_PAT(?![A-Z]))\w{0,64}[ \t]*"
    rb"=[ \t]*[\"']?[^\s\"'$]"
)
_HARMLESS_LINE: Final = re.compile(
    rb"(?:#.*)?"
    rb"|(?:export[ \t]+)?[\w.-]+[ \t]*="
    rb"(?:[ \t]*(?:''|\"\"|(\"?)\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*\})\1))?(?:[ \t]+#.*)?"
    rb"|(?:export[ \t]+)?(?:NEXT_PUBLIC|NUXT_PUBLIC|PUBLIC|REACT_APP|VITE|VUE_APP)_"
    rb"(?:(?!(?i:KEY|TOKEN|SECRET|PASSW))\w)+[ \t]*=.*"
)
"""A line of an environment file without a secret: no value, a reference to a variable, or a value that is made public.

A ``$`` in single quotes is no reference.
"""

_URL: Final = re.compile(rb"://[^\s/:@]+:(?:[^\s/@$<{%]|%[\dA-Fa-f]{2})[^\s/@]*@")
_SETTINGS: Final = {
    ".npmrc": _NPM, ".yarnrc": _NPM, ".yarnrc.yml": _NPM, ".pypirc": _PASSWORD, "profiles.yml": _PASSWORD,
    ".dockercfg": _DOCKER, ".docker/config.json": _DOCKER,
    ".dvc/config.local": _DVC, ".envrc": _VARIABLE, ".renviron": _VARIABLE,
    ".condarc": _URL, ".git/config": _URL, "pip.conf": _URL, "pip.ini": _URL, "pipfile": _URL, "requirements.txt": _URL,
    "uv.toml": _URL,
}  # fmt: skip
"""Files that may hold settings only, each with the pattern of a credential.

References to variables, and placeholders, aren't credentials.
"""

_KEY_NAMES: Final = frozenset(("id_dsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_rsa"))
_KEY_STORES: Final = (".jks", ".kdbx", ".keystore", ".p12", ".pfx", ".ppk")
_HARMLESS: Final = frozenset(("default", "defaults", "dist", "example", "examples", "sample", "schema", "template"))
"""Parts of the names of environment files that are examples."""

_SNIFFED_SIZE: Final = 64 * 2**10
"""The size of the beginning of a file that is searched, in bytes."""

_PRIVATE_KEY: Final = re.compile(
    rb"""
    -----BEGIN\ (?:[A-Z0-9]+\ )*PRIVATE\ KEY(?:\ BLOCK)?-----[ \t]*
    (?:\r?\n | (?:\\r)?\\n)  # a line break, or its escape sequence in JSON and the like
    [ \t]*(?:[A-Za-z0-9+/=]{16} | [A-Z][A-Za-z-]+: | \r?\n)  # the key itself, headers, or the blank line after none
    """,
    re.VERBOSE,
)
_SERVICE_ACCOUNT: Final = re.compile(rb'"private_key"\s*:\s*"-----BEGIN ')


def find_secrets(context: Context) -> Iterator[Problem]:
    """Find likely secrets that would be uploaded.

    Raises:
        BuildContextError: A file can't be read.
    """
    directories = (entry.name for entry in context.entries if entry.is_directory)
    repositories = {name.removesuffix("/objects") for name in directories if name.endswith(".git/objects")}
    inside = None
    for entry in context.entries:
        if inside and entry.name.startswith(inside):
            continue
        if entry.name in repositories:
            inside = f"{entry.name}/"
            kind: str | None = "the history of a git repository"
        else:
            kind = None if entry.is_directory else likely_secret(entry)
        if kind:
            line, ignore_file = ignore_line(entry.name, context.ignore_file, context.ignore_base)
            problem = f"{show_name(entry.name)} looks like {kind} and will be uploaded"
            yield Problem(ProblemKind.LIKELY_SECRET, f"{problem}; add {line!r} to {ignore_file}", entry.name)


def likely_secret(entry: Entry) -> str | None:
    """Return what secret a file looks like, if it does: by its name, by the name it links to, or by its content."""
    paths = (entry.name.lower(), entry.source.replace(os.sep, "/").lower())
    for path in paths:
        if kind := _by_name(path):
            return kind
    return _by_content(paths, read_head(entry, _SNIFFED_SIZE).removeprefix(BOM_UTF8)) if entry.size else None


def _by_name(path: str) -> str | None:
    name = path.rpartition("/")[2]
    if name in _CREDENTIALS or _with_directory(path) in _CREDENTIALS or name.endswith(".kubeconfig"):
        return "a credentials file"
    if name in _KEY_NAMES:
        return "a private key"
    return "a store of private keys" if name.endswith(_KEY_STORES) else None


def _with_directory(path: str) -> str:
    return "/".join(path.split("/")[-2:])


def _by_content(paths: Iterable[str], content: bytes) -> str | None:
    for path in paths:
        name = path.rpartition("/")[2]
        is_environment = name.startswith(".env.") or name.endswith(".env")
        if is_environment and _HARMLESS.isdisjoint(name.split(".")) and _has_values(content):
            return "a file of environment variables"
        settings = _SETTINGS.get(name) or _SETTINGS.get(_with_directory(path))
        if settings and settings.search(content):
            return "a credentials file"
    if b"PRIVATE KEY" not in content:
        return None
    if _SERVICE_ACCOUNT.search(content):
        return "a service account's private key"
    return "a private key" if _PRIVATE_KEY.search(content) else None


def _has_values(content: bytes) -> bool:
    """Return whether an environment file has a line that may hold a secret."""
    return not all(_HARMLESS_LINE.fullmatch(line.strip()) for line in content.splitlines())
