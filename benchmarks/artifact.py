"""Compare making artifacts with the official SDK's way of it, and print a table in Markdown.

Run it as ``python benchmarks/artifact.py`` where this package and ``peak-sdk==1.29.0`` are installed. It makes its
trees in a temporary folder, runs the two in turn, each run in a process of its own, and takes medians. It takes some
minutes, and up to 3 GB of disk.

Ratios are the official SDK's time through this package's: of the whole process, with the interpreter's start and all
imports, and of the call alone. The size is this package's archive through the SDK's; the memory is this package's
peak above that of an interpreter that does nothing.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

RUNS = 7

MEMORY = """
def peak():
    import resource, sys
    if sys.platform == "linux":  # there, the other figure begins with that of the process that started this one
        status = open("/proc/self/status").read()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
"""

OFFICIAL = """
import sys, time
from peak import constants
from peak.compression import compress
constants.MAX_ARTIFACT_SIZE_MB = 10**6
start = time.perf_counter()
with compress(sys.argv[1]) as file:
    seconds = time.perf_counter() - start
    size = file.seek(0, 2)
print(seconds, size, peak())
"""

OURS = """
import sys, time
from peak_images import build_artifact
start = time.perf_counter()
with build_artifact(sys.argv[1], max_size=None) as artifact:
    seconds = time.perf_counter() - start
    size = artifact.size
print(seconds, size, peak())
"""

NOTHING = "print(0, 0, peak())"


def text(generator: random.Random, size: int) -> bytes:
    """Something like source code."""
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


def source_files(root: Path) -> None:
    generator = random.Random(1)
    for index in range(2_000):
        size = generator.randint(1_000, 19_000)
        write(root / f"package{index % 40}/part{index % 7}/module{index}.py", text(generator, size))


def half_compressible_files(root: Path) -> None:
    generator = random.Random(2)
    for index in range(50):
        words = text(generator, 2 * 2**20)
        blocks = [words[start : start + 2**16] + generator.randbytes(2**16) for start in range(0, len(words), 2**16)]
        write(root / f"{index}.bin", b"".join(blocks))


def tiny_files(root: Path) -> None:
    generator = random.Random(3)
    for index in range(20_000):
        write(root / f"folder{index % 200}/{index}.txt", text(generator, generator.randint(20, 400)))


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


TREES: dict[str, Callable[[Path], None]] = {
    "(a) 2,000 source files, 20 MB": source_files,
    "(b) 50 half-compressible files of 4 MB": half_compressible_files,
    "(c) 20,000 tiny files": tiny_files,
    "(d) 300 files beside an ignored `node_modules` of 50,000": beside_node_modules,
    "one file of 1 GB": one_large_file,
}


def run(script: str, path: Path) -> dict[str, float]:
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", MEMORY + script, str(path)], check=True, capture_output=True)
    whole = time.perf_counter() - start
    seconds, size, peak = map(float, done.stdout.split())
    return {"whole": whole, "seconds": seconds, "size": size, "peak": peak}


def median(runs: list[dict[str, float]], key: str) -> float:
    return float(statistics.median(found[key] for found in runs))


def compared(path: Path, baseline: float, *, alone: bool) -> str:
    """The cells of a tree's row."""
    official: list[dict[str, float]] = []
    ours: list[dict[str, float]] = []
    for _ in range(RUNS):
        if not alone:
            official.append(run(OFFICIAL, path))
        ours.append(run(OURS, path))
    whole, seconds, memory = median(ours, "whole"), median(ours, "seconds"), median(ours, "peak") - baseline
    if alone:
        return f"| – | – | {whole:.2f} | {seconds:.3f} | – | – | – | {memory:.0f} MB |"
    times = f"| {median(official, 'whole'):.2f} | {median(official, 'seconds'):.3f} | {whole:.2f} | {seconds:.3f} "
    ratios = f"| {median(official, 'whole') / whole:.1f} | {median(official, 'seconds') / seconds:.1f} "
    return f"{times}{ratios}| {ours[0]['size'] / official[0]['size']:.4f} | {memory:.0f} MB |"


def main() -> None:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"Medians of {RUNS}, in seconds; Python {sys.version.split()[0]}, {cores} cores\n")
    print("| tree | SDK: process | SDK: call | process | call | ratio: process | ratio: call | size | memory |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        baseline = median([run(NOTHING, Path(folder)) for _ in range(RUNS)], "peak")
        for index, (title, make) in enumerate(TREES.items()):
            path = Path(folder).resolve() / str(index)
            make(path)
            cells = compared(path, baseline, alone=make is one_large_file)
            print(f"| {title} {cells}", flush=True)


if __name__ == "__main__":
    main()
