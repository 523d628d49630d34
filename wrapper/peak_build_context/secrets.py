"""Files that look like secrets. A guess, made to be right about what people do leave in their directories."""

from __future__ import annotations

import os
import re
from typing import Final

from peak_build_context.context import Entry
from peak_build_context.files import read_head

_CREDENTIALS: Final = frozenset(
    (
        ".boto", ".databrickscfg", ".dockercfg", ".envrc", ".git-credentials", ".htpasswd", ".my.cnf", ".netrc",
        ".npmrc", ".pgpass", ".pypirc", ".renviron", ".s3cfg", ".vault-token", "_netrc",
        "application_default_credentials.json",
        "credentials.csv", "credentials.json", "kubeconfig", "terraform.tfstate", "terraform.tfstate.backup",
        ".aws/credentials", ".cargo/credentials", ".cargo/credentials.toml", ".docker/config.json", ".gem/credentials",
        ".kube/config", ".streamlit/secrets.toml",
    )
)  # fmt: skip
"""Files that are there to hold credentials, by name or by name and directory, in lower case."""

_KEY_NAMES: Final = frozenset(("id_dsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_rsa"))
_KEY_STORES: Final = (".jks", ".kdbx", ".keystore", ".p12", ".pfx", ".ppk")
_HARMLESS: Final = frozenset(("default", "defaults", "dist", "example", "examples", "sample", "schema", "template"))
"""Parts of the names of environment files that are there to be shown."""

_SNIFFED_SIZE: Final = 64 * 2**10
"""How much of a file's content is looked at, in bytes."""

_PRIVATE_KEY: Final = re.compile(
    rb"""
    -----BEGIN\ (?:[A-Z0-9]+\ )*PRIVATE\ KEY(?:\ BLOCK)?-----[ \t]*
    (?:\r?\n | (?:\\r)?\\n)  # a line's end, or what stands for one in JSON and the like
    [ \t]*(?:[A-Za-z0-9+/=]{16} | [A-Z][A-Za-z-]+: | \r?\n)  # the key itself, headers, or the blank line after none
    """,
    re.VERBOSE,
)
_SERVICE_ACCOUNT: Final = re.compile(rb'"private_key"\s*:\s*"-----BEGIN ')


def likely_secret(entry: Entry) -> str | None:
    """What secret an entry looks like, if it does: by its name, by that of the file it points to, by its content."""
    if entry.is_directory:
        return "the history of a git repository" if entry.name.rpartition("/")[2] == ".git" else None
    for path in (entry.name, entry.source.replace(os.sep, "/")):
        if kind := _by_name(path.lower()):
            return kind
    if entry.size:
        return _by_content(read_head(entry, _SNIFFED_SIZE))
    return None


def _by_name(path: str) -> str | None:
    directory, _, name = path.rpartition("/")
    with_folder = f"{directory.rpartition('/')[2]}/{name}"
    if name in _CREDENTIALS or with_folder in _CREDENTIALS or name.endswith(".kubeconfig"):
        return "a file of credentials"
    if name in _KEY_NAMES:
        return "a private key"
    if name.endswith(_KEY_STORES):
        return "a store of private keys"
    if (name.startswith(".env.") or name.endswith(".env")) and _HARMLESS.isdisjoint(name.split(".")):
        return "a file of environment variables"
    return None


def _by_content(content: bytes) -> str | None:
    if b"PRIVATE KEY" not in content:
        return None
    if _SERVICE_ACCOUNT.search(content):
        return "a service account's private key"
    return "a private key" if _PRIVATE_KEY.search(content) else None
