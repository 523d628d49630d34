"""Check the values that instructions of a Dockerfile take, as BuildKit does."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qsl, unquote

from peak_build_context.errors import DockerfileError
from peak_build_context.expansion import shorten

_MAX_LENGTH: Final = 1000

_DIGEST: Final = "sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}"
_ALPHANUMERIC: Final = "[a-z0-9]+"
_PATH: Final = rf"{_ALPHANUMERIC}(?:(?:[._]|__|-+){_ALPHANUMERIC})*"
_HOST_PART: Final = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_IMAGE: Final = re.compile(
    rf"(?:(?:{_HOST_PART}(?:\.{_HOST_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?/)?"
    rf"(?P<path>{_PATH}(?:/{_PATH})*)"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?"
    rf"(?:@(?:{_DIGEST}))?"
)
_SYSTEM: Final = re.compile(r"[A-Za-z0-9_-]+(?:\([A-Za-z0-9_.%+-]*\))?")
_PLATFORM_PART: Final = re.compile(r"[A-Za-z0-9_.-]+")
_KNOWN_PLATFORMS: Final = frozenset((
    "aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "macos", "nacl",
    "netbsd", "openbsd", "plan9", "solaris", "windows", "zos",
    "386", "aarch64", "amd64", "amd64p32", "arm", "arm64", "arm64be", "armbe", "armel", "armhf", "i386", "loong64",
    "mips", "mips64", "mips64le", "mips64p32", "mips64p32le", "mipsle", "ppc", "ppc64", "ppc64le", "riscv",
    "riscv64", "s390", "s390x", "sparc", "sparc64", "wasm", "x86-64", "x86_64",
))  # fmt: skip
_SIGNALS: Final = frozenset((
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
    "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
    "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
    *(f"RTMIN+{number}" for number in range(1, 16)), *(f"RTMAX-{number}" for number in range(1, 15)),
))  # fmt: skip
_SYMBOLIC_MODE: Final = re.compile("[ugoa]*(?:[-+=][rwxXstugo]*)+(?:,[ugoa]*(?:[-+=][rwxXstugo]*)+)*")
_DURATION: Final = re.compile("[-+]?(?:(?:(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+|0)")
_MILLISECONDS: Final = {
    "ns": 1e-6, "us": 1e-3, "\u00b5s": 1e-3, "\u03bcs": 1e-3, "ms": 1, "s": 1e3, "m": 6e4, "h": 3.6e6,
}  # fmt: skip
_PORTS: Final = re.compile(r"\+?0*(?P<first>[0-9]{1,5})(?:-\+?0*(?P<last>[0-9]{1,5}))?")
_MAX_PORT: Final = 65535
_SCHEME: Final = re.compile("[a-zA-Z0-9]+(?=://)")
_SSH: Final = re.compile("[a-zA-Z0-9_-]+@[a-zA-Z0-9.-]+:")

_GO_BOOLEAN: Final = "|1|t|T|TRUE|true|True|0|f|F|FALSE|false|False"
_GIT_QUERY: Final = {
    **dict.fromkeys(("ref", "tag", "branch", "subdir", "checksum", "commit"), "(?s).+"),
    **dict.fromkeys(("keep-git-dir", "submodules", "fetch-by-commit"), _GO_BOOLEAN),
    "mtime": "checkout|commit",
}
"""The keys that the query of a git repository's URL may have, each with the pattern of its values."""

_QUERY_PART: Final = re.compile("(?:[^%;]|%[0-9A-Fa-f]{2})*")
"""What Go reads of a query: it ignores malformed parts."""

_GIT_PREFIXES: Final = {"tag": "refs/tags/", "branch": "refs/heads/"}


def check_image_name(name: str) -> None:
    """Check the name of an image, as in ``FROM``.

    Raises:
        DockerfileError: The name is invalid.
    """
    shown = shorten(name)
    if re.fullmatch("[a-f0-9]{64}", name):
        raise DockerfileError(f"invalid image name {shown!r}: 64 hexadecimal digits are an id, not a name")
    domain, slash, path = name.partition("/")
    if not (slash and (domain == "localhost" or re.search("[.:]", domain) or domain != domain.lower())):
        path = name
    repository = path.partition(":")[0]
    if repository != repository.lower():
        raise DockerfileError(f"invalid image name {shown!r}: repository name must be lowercase")
    match = _IMAGE.fullmatch(name) if len(name) <= _MAX_LENGTH else None
    if match is None or len(match["path"]) > 255:
        raise DockerfileError(f"invalid image name {shown!r}")


def check_platform(platform: str) -> None:
    """Check a platform, such as ``linux/amd64``.

    Raises:
        DockerfileError: The platform is invalid.
    """
    system, *others = platform.split("/")
    if (
        not _SYSTEM.fullmatch(system)
        or not all(map(_PLATFORM_PART.fullmatch, others))
        or len(others) > 2
        or (not others and system.partition("(")[0].lower() not in _KNOWN_PLATFORMS)
    ):
        raise DockerfileError(f"invalid platform {shorten(platform)!r}; one is linux/amd64")


def check_mode(mode: str) -> None:
    """Check the value of ``--chmod``.

    Raises:
        DockerfileError: The mode is neither octal nor symbolic.
    """
    is_octal = re.fullmatch("[0-7]{1,11}", mode) and int(mode, 8) <= 0o7777
    if len(mode) > _MAX_LENGTH or not (is_octal or _SYMBOLIC_MODE.fullmatch(mode)):
        raise DockerfileError(f"--chmod must be octal up to 7777, or symbolic such as u=rw,go=r; not {shorten(mode)!r}")


def check_signal(signal: str) -> None:
    """Check the value of ``STOPSIGNAL``.

    Raises:
        DockerfileError: The value is neither a number nor a signal of Linux.
    """
    is_number = re.fullmatch("[+-]?[0-9]{1,9}", signal) and int(signal) != 0
    if not is_number and signal.upper().removeprefix("SIG") not in _SIGNALS:
        raise DockerfileError(f"invalid signal: {shorten(signal)!r}")


def check_port(text: str) -> None:
    """Check one value of ``EXPOSE``.

    Raises:
        DockerfileError: The value isn't a port or a range of ports, with or without a protocol.
    """
    *address, port = text.rsplit(":", 2)
    port, _, protocol = port.partition("/")
    ranges = [_port_range(part) for part in (port, *filter(None, address[-1:]))]
    lengths = [len(ports) for ports in ranges]
    if not all(lengths) or (len(set(lengths)) == 2 and lengths[0] != 1) or not _is_address("".join(address[:-1])):
        raise DockerfileError(f"invalid port {shorten(text)!r}; one is 8080, 8000-8010 or 53/udp")
    if protocol.lower() not in ("", "tcp", "udp", "sctp"):
        raise DockerfileError(f"invalid protocol in {shorten(text)!r}; there are tcp, udp and sctp")


def _port_range(text: str) -> range:
    """Return the ports of a range; none if the text isn't one."""
    match = _PORTS.fullmatch(text)
    first, last = (int(match["first"]), int(match["last"] or match["first"])) if match else (0, -1)
    return range(first, last + 1) if last <= _MAX_PORT else range(0)


def _is_address(text: str) -> bool:
    try:
        return not text or bool(ip_address(text.removeprefix("[").removesuffix("]")))
    except ValueError:
        return False


def is_interval(text: str) -> bool:
    """Return whether a text is a duration that a ``HEALTHCHECK`` can have."""
    if len(text) > _MAX_LENGTH // 10 or not _DURATION.fullmatch(text):
        return False
    parts = re.findall("([0-9.]+)([a-z\u00b5\u03bc]+)", text)
    milliseconds = sum(float(number) * _MILLISECONDS[unit] for number, unit in parts)
    return not milliseconds or (milliseconds >= 1 and not text.startswith("-"))


def remote_kind(source: str) -> str:
    """Return the kind of a source of ``ADD``: ``"git"``, ``"url"``, or ``""`` for one in the build context."""
    if match := _SCHEME.match(source):
        scheme = match[0].lower()
        if scheme in ("git", "ssh"):
            return "git"
        if scheme in ("http", "https"):
            path = re.split("[?#]", source, maxsplit=1)[0].partition("://")[2].partition("/")[2]
            if path.endswith(".git"):
                return "git"
        return "url" if source.startswith(("http://", "https://")) else ""
    return "git" if _SSH.match(source) and not source.startswith(("./", "../")) else ""


def git_query(source: str) -> dict[str, str]:
    """Return the query of a git repository's URL by its keys; none of a source that is no git repository.

    Raises:
        DockerfileError: BuildKit rejects it. The message shows the source only as a whole.
    """
    if remote_kind(source) != "git":
        return {}
    shown = f"invalid git URL {shorten(source)!r}"
    address, _, fragment = source.partition("#")
    parts = filter(_QUERY_PART.fullmatch, address.partition("?")[2].split("&"))
    pairs = parse_qsl("&".join(parts), keep_blank_values=True)
    query = dict(pairs)
    if not query.keys() <= _GIT_QUERY.keys():
        raise DockerfileError(f"{shown}: its query may have {', '.join(_GIT_QUERY)}, and nothing else")
    for key, value in pairs:
        if not re.fullmatch(_GIT_QUERY[key], value):
            problem = "has no value" if not value else "has an invalid value"
            raise DockerfileError(f"{shown}: {key} in its query {problem}")
    if len(pairs) > len(query):
        raise DockerfileError(f"{shown}: a key is in its query twice")
    ref, _, directory = unquote(fragment).partition(":")
    refs = {ref, query.get("ref", "")}
    refs |= {f"{p}{query[key].removeprefix(p)}" for key, p in _GIT_PREFIXES.items() if key in query}
    directories = {posixpath.normpath(f"/{directory}").lstrip("/"), query.get("subdir", "")}
    for what, values in (("refs", refs), ("directories", directories)):
        if len(values - {""}) > 1:
            raise DockerfileError(f"{shown}: it names different {what}")
    return query


def check_remote(instruction: str, sources: Sequence[str], checksum: str) -> None:
    """Check the sources of ``COPY`` and ``ADD`` that aren't in the build context, and a ``--checksum``.

    Raises:
        DockerfileError: The instruction doesn't take them.
    """
    kinds = [remote_kind(source) for source in sources]
    if instruction == "COPY" and any(kinds):
        kind = "a URL" if "url" in kinds else "a git repository"
        raise DockerfileError(f"COPY can't take {kind} as its source; ADD can")
    if not checksum:
        return
    if len(kinds) != 1 or not kinds[0]:
        raise DockerfileError("--checksum requires one source, which is a URL or a git repository")
    query = git_query(*sources)
    if query.get("checksum", query.get("commit", checksum)) != checksum:
        raise DockerfileError("--checksum differs from the checksum in the query of the git URL")
    if kinds[0] == "url" and not re.fullmatch(_DIGEST, checksum):
        raise DockerfileError(f"invalid --checksum {shorten(checksum)!r}; one is sha256: and 64 hexadecimal digits")
