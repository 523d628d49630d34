"""The records of the zip format, as far as an artifact needs them.

``zipfile`` writes them as well, but it deflates one member after another, and where files are small its bookkeeping
takes longer than the deflating.
"""

# No postponed annotations, as in walk.py.

import os
import stat
import struct
from typing import Final, NamedTuple

STORED: Final = 0
DEFLATED: Final = 8

COUNT_64: Final = 0xFFFF
"""The first number of members that takes the 64-bit records."""

SIZE_64: Final = 0xFFFF_FFFF
"""The first size or position that takes them."""

MAX_NAME_LENGTH: Final = 0xFFFF
"""The longest name, in bytes."""

_ELSEWHERE_16: Final = 0xFFFF
_ELSEWHERE_32: Final = 0xFFFF_FFFF
"""What stands in the plain records for what the 64-bit ones hold."""

_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")
_END_64: Final = struct.Struct("<4sQ2H2I4Q")
_END_64_LOCATOR: Final = struct.Struct("<4sIQI")

_VERSION: Final = 20
_VERSION_64: Final = 45
_UNIX: Final = 3 << 8
_UTF_8: Final = 1 << 11
_SIZES_FOLLOW: Final = 1 << 3
_EXTRA_64: Final = 1
_DOS_DIRECTORY: Final = 1 << 4

DIRECTORY_ATTRIBUTES: Final = (stat.S_IFDIR | 0o755) << 16 | _DOS_DIRECTORY
FILE_ATTRIBUTES: Final = (stat.S_IFREG | 0o644) << 16
PROGRAM_ATTRIBUTES: Final = (stat.S_IFREG | 0o755) << 16

_TIME: Final = 0
_DATE: Final = 1 << 5 | 1
"""1 January 1980, the format's first day: with real times no two archives would be alike."""


class Member(NamedTuple):
    """What the records say of a file or directory."""

    raw_name: bytes
    flags: int
    attributes: int
    method: int = STORED
    crc: int = 0
    compressed_size: int = 0
    size: int = 0

    @property
    def needs_zip64(self) -> bool:
        """Whether the records beside the content have 64-bit sizes. That must be known before it is deflated."""
        return self.size >= SIZE_64 // 100 * 99


def name_and_flags(name: str) -> tuple[bytes, int]:
    """A name's bytes, and the flag that says that they are UTF-8. Names that aren't keep the bytes they have."""
    if name.isascii():
        return name.encode(), 0
    raw = os.fsencode(name)
    try:
        raw.decode()
    except UnicodeDecodeError:
        return raw, 0
    return raw, _UTF_8


def local_record(member: Member) -> bytes:
    """The record that stands before a member's content."""
    name, flags, _, method, crc, compressed_size, size = member
    if flags & _SIZES_FOLLOW:
        crc = compressed_size = size = 0
    version, extra = _VERSION, b""
    if member.needs_zip64:
        version, extra = _VERSION_64, struct.pack("<2H2Q", _EXTRA_64, 16, size, compressed_size)
        compressed_size = size = _ELSEWHERE_32
    sizes = (compressed_size, size, len(name), len(extra))
    return _LOCAL.pack(b"PK\3\4", version, flags, method, _TIME, _DATE, crc, *sizes) + name + extra


def with_sizes_after(member: Member) -> Member:
    """A member whose checksum and compressed size are known only when its content has been written."""
    return member._replace(flags=member.flags | _SIZES_FOLLOW)


def closing_record(member: Member) -> bytes:
    """The record that stands after the content of such a member."""
    sizes = "2Q" if member.needs_zip64 else "2I"
    return struct.pack(f"<4sI{sizes}", b"PK\7\x08", member.crc, member.compressed_size, member.size)


class Directory:
    """The records that stand at the end of the archive: one for each member, then those that lead to them."""

    def __init__(self) -> None:
        self._records = bytearray()
        self._count = 0

    def add(self, member: Member, position: int) -> None:
        """Note a member whose local record is at a position of the archive."""
        name, flags, attributes, method, crc, compressed_size, size = member
        version, extra = _VERSION, b""
        if max(size, compressed_size, position) >= SIZE_64:
            wide = [field for field in (size, compressed_size, position) if field >= SIZE_64]
            version, extra = _VERSION_64, struct.pack(f"<2H{len(wide)}Q", _EXTRA_64, 8 * len(wide), *wide)
            size, compressed_size, position = (
                _ELSEWHERE_32 if field >= SIZE_64 else field for field in (size, compressed_size, position)
            )
        head = (b"PK\1\2", _UNIX | version, version, flags, method, _TIME, _DATE, crc, compressed_size, size)
        self._records += _CENTRAL.pack(*head, len(name), len(extra), 0, 0, 0, attributes, position) + name + extra
        self._count += 1

    @property
    def size(self) -> int:
        """How much the records take, apart from the few bytes that close the archive."""
        return len(self._records)

    def closing_records(self, position: int) -> bytes:
        """All records, to be written at a position of the archive, as its end."""
        closing = bytes(self._records)
        count, size = self._count, len(closing)
        if count >= COUNT_64 or max(size, position) >= SIZE_64:
            rest = _END_64.size - 12
            versions = (_UNIX | _VERSION_64, _VERSION_64)
            closing += _END_64.pack(b"PK\6\6", rest, *versions, 0, 0, count, count, size, position)
            closing += _END_64_LOCATOR.pack(b"PK\6\7", 0, position + size, 1)
            count, size, position = _ELSEWHERE_16, _ELSEWHERE_32, _ELSEWHERE_32
        return closing + _END.pack(b"PK\5\6", 0, 0, count, count, size, position, 0)
