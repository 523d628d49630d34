"""The directories that the benchmarks zip and upload, the same in every run."""

from __future__ import annotations

import random
from pathlib import Path

DOCKERFILE = b"FROM python:3.12-slim\nCOPY . /app\n"


def text(generator: random.Random, size: int) -> bytes:
    """Return something like source code."""
    words = ["".join(generator.choices("abcdefghijklmnopqrstuvwxyz_", k=generator.randint(2, 10))) for _ in range(300)]
    lines = []
    while size > 0:
        line = "    " * generator.randint(0, 3) + " ".join(generator.choices(words, k=generator.randint(2, 9))) + "\n"
        lines.append(line[:size])
        size -= len(line)
    return "".join(lines).encode()


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _half_compressible(generator: random.Random, size: int) -> bytes:
    words = text(generator, size // 2)
    blocks = (words[start : start + 2**16] + generator.randbytes(2**16) for start in range(0, len(words), 2**16))
    return b"".join(blocks)


def source_files(root: Path) -> None:
    generator = random.Random(1)
    for index in range(2_000):
        size = generator.randint(1_000, 19_000)
        write(root / f"package{index % 40}/part{index % 7}/module{index}.py", text(generator, size))


def half_compressible_files(root: Path) -> None:
    generator = random.Random(2)
    for index in range(50):
        write(root / f"{index}.bin", _half_compressible(generator, 2**22))


def tiny_files(root: Path) -> None:
    generator = random.Random(3)
    content = text(generator, 2**20)
    for index in range(20_000):
        start = generator.randrange(2**20 - 400)
        write(root / f"directory{index % 200}/{index}.txt", content[start : start + generator.randint(20, 400)])


def beside_node_modules(root: Path) -> None:
    generator = random.Random(4)
    for index in range(300):
        write(root / f"src/part{index % 10}/module{index}.py", text(generator, generator.randint(200, 1_500)))
    for index in range(50_000):
        write(root / f"node_modules/package{index % 1_000}/dist/{index % 5_000}/{index}.js", b"x")
    write(root / ".dockerignore", b"**/__pycache__\n*.log\n.git\n.venv\nnode_modules\n")


def one_large_file(root: Path) -> None:
    generator = random.Random(5)
    block = text(generator, 2**19) + generator.randbytes(2**19)
    root.mkdir(parents=True)
    with (root / "large.bin").open("wb") as file:
        for shift in range(1_000):
            file.write(block[shift:] + block[:shift])


def upload_of_source_code(root: Path) -> None:
    """Make a build context of 22 MB, whose archive is of about 8 MB."""
    generator = random.Random(1)
    write(root / "Dockerfile", DOCKERFILE)
    for index in range(2_200):
        write(root / f"package{index % 40}/module{index}.py", text(generator, generator.randint(1_000, 19_000)))


def upload_of_half_compressible_files(root: Path) -> None:
    """Make a build context of 12 MB, whose archive is of about 8 MB."""
    generator = random.Random(2)
    write(root / "Dockerfile", DOCKERFILE)
    for index in range(48):
        write(root / f"{index}.bin", _half_compressible(generator, 2**18))


def listing_of(root: Path) -> str:
    """Return the paths of what isn't ignored, a line each."""
    paths = (path for path in sorted(root.rglob("*")) if "node_modules" not in path.parts and path.is_file())
    return "".join(f"{path}\n" for path in paths)
