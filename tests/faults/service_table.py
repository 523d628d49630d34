"""Try the local service and write the result to docs/faults.md: ``python -m tests.faults.service_table [ROUNDS]``.

Each row is one kind of accident or attack, with the figures of this run.
"""

import contextlib
import io
import itertools
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

import httpx

from peak_images_local import LocalService, ServiceError
from peak_images_local.clock import Clock
from tests.faults.tables import write_table

PAGE = pathlib.Path(__file__).parents[2] / "docs/faults.md"
API = "/image-management/api/v2"
TOKEN = {"Authorization": "local-token"}
DETAILS = (None, '{"source": "dockerfile", "dockerfile": "FROM scratch"}')


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def create(url, name, artifact=None, client=httpx):
    form = {"name": (None, name), "type": (None, "api")}
    form |= {"artifact": ("a.zip", artifact, "application/zip")} if artifact else {"buildDetails": DETAILS}
    return client.post(f"{url}{API}/images/", files=form, headers=TOKEN, timeout=30)


@contextlib.contextmanager
def process(*arguments):
    """Yield a service in a process of its own, which may open 1,024 files: the process and the URL."""
    command = [
        "sh",
        "-c",
        'ulimit -n 1024; exec "$@"',
        "sh",
        sys.executable,
        "-m",
        "peak_images_local",
        "--port",
        "0",
        *arguments,
    ]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        line = running.stdout.readline()
        assert line, f"the service hasn't started: {running.wait()}"
        yield running, line.split()[-1]
    finally:
        running.kill()
        running.communicate()


def kills(rounds):
    """Kill the service in the middle of writes, then look for what it has acknowledged."""
    acknowledged = {}  # by the image's name, the version whose artifact was uploaded, or None
    artifact = zipped({"Dockerfile": "FROM scratch", "data": random.randbytes(200_000)})

    def write(url, prefix, first_write, stop):
        with httpx.Client(trust_env=False, timeout=30) as client, contextlib.suppress(httpx.HTTPError):
            for count in itertools.count():
                if stop.is_set():
                    return
                is_upload = bool(count % 2)
                response = create(url, f"{prefix}-{count}", artifact if is_upload else None, client=client)
                if response.status_code == 200:
                    acknowledged[f"{prefix}-{count}"] = response.json()["versionId"] if is_upload else None
                    first_write.set()

    with tempfile.TemporaryDirectory() as directory:
        data = pathlib.Path(directory) / "data"
        for number in range(rounds):
            with process("--data", str(data), "--build-seconds", "1") as (running, url):
                first_write, stop = threading.Event(), threading.Event()
                workers = [
                    threading.Thread(target=write, args=(url, f"r{number}-w{worker}", first_write, stop))
                    for worker in range(3)
                ]
                for worker in workers:
                    worker.start()
                first_write.wait(30)
                time.sleep(random.uniform(0, 0.5))
                running.send_signal(signal.SIGKILL)
                stop.set()
                for worker in workers:
                    worker.join()
        with LocalService(data=data, build_seconds=0) as service:
            query = {"pageSize": 100_000}
            images = httpx.get(f"{service.url}{API}/images/", params=query, headers=TOKEN, timeout=60).json()["images"]
            uploads = [version for version in acknowledged.values() if version is not None]
            broken = sum("data" not in service.control.uploaded_files(version) for version in uploads)
        building = sum(image["latestVersion"]["lastBuildStatus"] == "building" for image in images)
        lost = len(acknowledged.keys() - {image["name"] for image in images})
        orphans = len(list((data / "artifacts").iterdir())) - sum(_is_upload(image) for image in images)
    return f"{rounds} rounds, {len(acknowledged)} acknowledged writes, {len(uploads)} of them uploads", (
        f"{lost} lost, {broken} uploads broken, {orphans} files left over, {building} builds left running"
    )


def _is_upload(image):
    return image["latestVersion"]["buildDetails"]["source"] == "upload"


def full_disk():
    """Fill the disk under the service, and free it again."""
    with tempfile.TemporaryDirectory() as directory:
        command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", directory]
        mounted = subprocess.run(command, capture_output=True, check=False)
        if mounted.returncode:
            return "a disk of 3 MB", "not here: it needs root on Linux"
        try:
            with LocalService(data=pathlib.Path(directory) / "data") as service:
                good = [create(service.url, "before").status_code]
                filler = pathlib.Path(directory) / "filler"
                with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
                    while True:
                        file.write(bytes(4096))
                full = [create(service.url, f"full-{n}", zipped({"Dockerfile": "FROM x"})) for n in range(20)]
                plain = sum("disk is full" in response.text for response in full)
                filler.unlink()
                good.append(create(service.url, "after").status_code)
                count = httpx.get(f"{service.url}{API}/images/", headers=TOKEN).json()["imageCount"]
                return f"{len(full)} uploads while it was full", (
                    f"{plain} errors with the reason; before and after: {good}, {count} images, "
                    f"{len(service.violations)} violations"
                )
        finally:
            subprocess.run(["umount", directory], check=True)


def databases():
    """Start the service on databases that are cut, damaged, or of other programs."""
    with tempfile.TemporaryDirectory() as directory:
        data = pathlib.Path(directory) / "data"
        with LocalService(data=data) as service:
            for number in range(30):
                create(service.url, f"image-{number}")
        whole = (data / "images.sqlite").read_bytes()
        variants = [whole[: len(whole) * n // 20] for n in range(1, 20)]
        for offset in range(0, len(whole), max(512, len(whole) // 40)):
            variants.append(whole[:offset] + random.randbytes(256) + whole[offset + 256 :])
        variants += [b"text " * 1000, b"SQLite format 3\0" + bytes(4096)]
        refused = served = broken = 0
        for variant in variants:
            (data / "images.sqlite").write_bytes(variant)
            for name in ("images.sqlite-wal", "images.sqlite-shm"):
                (data / name).unlink(missing_ok=True)
            try:
                with LocalService(data=data) as service:
                    status = httpx.get(f"{service.url}{API}/images/", headers=TOKEN).status_code
                    served, broken = served + (status == 200), broken + (status != 200)
            except ServiceError:
                refused += 1
        return f"{len(variants)} databases", f"{refused} refused at the start, {served} readable, {broken} broken later"


def connections():
    """Hold idle connections open at a limit of 1,024 files."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    with process() as (_, url), contextlib.ExitStack() as held:
        host, port = url.removeprefix("http://").split(":")
        for _ in range(1300):
            held.enter_context(socket.create_connection((host, int(port)), timeout=10))
        slowest, answered = 0.0, 0
        for _ in range(20):
            start = time.perf_counter()
            answered += httpx.get(f"{url}{API}/images/", headers=TOKEN, timeout=20).status_code == 200
            slowest = max(slowest, time.perf_counter() - start)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return "1,300 idle connections, 20 requests", f"{answered} answered, the slowest in {slowest * 1000:.0f} ms"


def slow_connections():
    """Send the heads of requests a byte now and then, and ask for something beside them."""
    with process() as (_, url), contextlib.ExitStack() as held:
        host, port = url.removeprefix("http://").split(":")
        slow = [held.enter_context(socket.create_connection((host, int(port)), timeout=10)) for _ in range(100)]
        start, slowest, answered, closed_after = time.perf_counter(), 0.0, 0, []
        while slow and time.perf_counter() - start < 60:
            for connection in [*slow]:
                try:
                    connection.send(b"G")
                    connection.settimeout(0.001)
                    is_closed = connection.recv(1) == b""
                except TimeoutError:
                    is_closed = False
                except OSError:
                    is_closed = True
                if is_closed:
                    slow.remove(connection)
                    closed_after.append(time.perf_counter() - start)
            before = time.perf_counter()
            if answered < 20:
                answered += httpx.get(f"{url}{API}/images/", headers=TOKEN, timeout=20).status_code == 200
                slowest = max(slowest, time.perf_counter() - before)
            time.sleep(0.2)
    return "100 connections that send a byte now and then, 20 requests", (
        f"{answered} answered, the slowest in {slowest * 1000:.0f} ms; {len(closed_after)} connections closed, "
        f"the last after {max(closed_after, default=0):.0f} s"
    )


def bombs():
    """Upload archives that are larger, deeper or other than they say."""
    lies = bytearray(zipped({"Dockerfile": "FROM scratch", "bomb": bytes(5_000_000)}))
    lies[lies.rindex(b"PK\x01\x02") + 24] = 1
    large = zipped({"Dockerfile": "FROM scratch", **{f"f{n}": bytes(300_000_000) for n in range(8)}})
    uploads = [
        zipped({"Dockerfile": "FROM scratch", "d/" * 32_000 + "f": ""}),
        zipped({"Dockerfile": "FROM scratch", "x" * 300: ""}),
        zipped({"Dockerfile": "FROM scratch", "../up": ""}),
        zipped({f"{n}": "" for n in range(20_000)})[:-1000],
        bytes(lies),
        large,
    ]
    with LocalService() as service:
        start = time.perf_counter()
        statuses = [create(service.url, f"bomb-{n}", upload).status_code for n, upload in enumerate(uploads)]
        seconds = time.perf_counter() - start
        return f"{len(uploads)} archives", f"{sum(s == 422 for s in statuses)} refused (422) in {seconds:.1f} s"


def patterns():
    """Build Dockerfiles and ignore files whose patterns take other matchers minutes."""
    slow = ["a*" * 20 + "b", "**/" * 20 + "b", "[a-z]*" * 15 + "b", "?*" * 20 + "b"]
    with LocalService() as service:
        start = time.perf_counter()
        for number, pattern in enumerate(slow):
            files = {"Dockerfile": f"FROM scratch\nCOPY {pattern} /x\n", ".dockerignore": pattern, "a" * 60: ""}
            assert create(service.url, f"pattern-{number}", zipped(files)).status_code == 200
        return f"{len(slow)} patterns", f"{len(slow)} builds planned in {time.perf_counter() - start:.2f} s"


def hosts():
    """Ask under names that aren't the service's, on every kind of route."""
    names = ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "8.8.8.8", ""]
    routes = [("GET", "/"), ("GET", f"{API}/images/"), ("DELETE", f"{API}/images/101"), ("POST", "/control/reset")]
    with LocalService() as service:
        create(service.url, "kept")
        statuses = [
            httpx.request(method, service.url + path, headers={**TOKEN, "Host": name}).status_code
            for name in names
            for method, path in routes
        ]
        kept = httpx.get(f"{service.url}{API}/images/", headers=TOKEN).json()["imageCount"]
        refused = sum(status == 403 for status in statuses)
        return f"{len(statuses)} requests", f"{refused} refused (403), {kept} of 1 image kept"


def clocks():
    """Advance the clock or set it back, restart, and look for what has happened before."""
    hidden = 0
    jumps = [86_400, 864_000, 10**8, -3_600, -86_400, -(10**8)]
    wall = Clock._wall
    for jump in jumps:
        with tempfile.TemporaryDirectory() as directory:
            data = pathlib.Path(directory) / "data"
            with LocalService(data=data) as service:
                if jump > 0:
                    service.control.clock.advance(jump)
                create(service.url, "an-image")
                service.control.finish_builds()
            if jump < 0:
                Clock._wall = staticmethod(lambda jump=jump: wall() + jump * 1000)
            with LocalService(data=data) as service:
                builds = httpx.get(f"{service.url}{API}/images/101/builds", headers=TOKEN).json()["builds"]
                log = httpx.get(f"{service.url}{API}/images/101/builds/301/logs", headers=TOKEN).json()["logs"]
                hidden += len(builds) != 1 or not log
            Clock._wall = staticmethod(wall)
    return f"{len(jumps)} jumps, each with a restart", f"{hidden} hid a build or a line of its log"


def main(rounds):
    """Try all kinds and write the table."""
    kinds = {
        "kill -9 under load": lambda: kills(rounds),
        "a full disk": full_disk,
        "corrupt and foreign databases": databases,
        "idle connections at 1,024 files": connections,
        "slow connections": slow_connections,
        "zip bombs": bombs,
        "patterns of many stars": patterns,
        "foreign Host headers": hosts,
        "clocks": clocks,
    }
    lines = ["| what was tried | how often | result |", "|---|---|---|"]
    for name, attempt in kinds.items():
        what, outcome = attempt()
        lines.append(f"| {name} | {what} | {outcome} |")
        print(lines[-1], flush=True)
    write_table(PAGE, "service", lines)


if __name__ == "__main__":
    os.environ.pop("PEAK_AUTH_TOKEN", None)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
