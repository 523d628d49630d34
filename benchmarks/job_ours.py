"""One job for this package, in a process of its own: ``python job_ours.py JOB URL|PATH [PATH]``."""

from __future__ import annotations

import time

from measured import run_job

TYPE_CHECKING = False  # typing itself takes long to load, and is measured too
if TYPE_CHECKING:
    from typing import Any


def client_of(url: str) -> Any:
    from peak.resources import images

    return images.get_client(images.Session("a-token", base_url=url, progress=False, max_artifact_size=None))


def first(url: str) -> None:
    client_of(url).list_images(page_size=100, return_iterator=False)


def listing(url: str) -> float:
    client = client_of(url)
    start = time.perf_counter()
    assert sum(1 for _ in client.list_images(page_size=100)) % 20_000 == 0
    return time.perf_counter() - start


def listing_again(url: str) -> float:
    client = client_of(url)
    client.list_images(page_size=100, return_iterator=False)
    start = time.perf_counter()
    assert sum(1 for _ in client.list_images(page_size=100)) == 20_000
    return time.perf_counter() - start


def prefetching(url: str) -> float:
    import asyncio

    from peak.resources import images

    async def count() -> float:
        async with images.Session("a-token", base_url=url) as session:
            start = time.perf_counter()
            found = 0
            async for _ in images.get_async_client(session).list_images(page_size=100, prefetch=True):
                found += 1
            assert found == 20_000
            return time.perf_counter() - start

    return asyncio.run(count())


def failed_builds(url: str) -> float:
    client = client_of(url)
    start = time.perf_counter()
    assert sum(1 for _ in client.list_all_builds(build_status=["failed"])) == 200
    return time.perf_counter() - start


def describing(url: str) -> float:
    client = client_of(url)
    start = time.perf_counter()
    for _ in range(200):
        client.describe_image(1)
    return time.perf_counter() - start


def creating(url: str, path: str) -> float:
    client = client_of(url)
    start = time.perf_counter()
    client.create_image({"name": "an-image", "type": "workflow"}, {"path": path})
    return time.perf_counter() - start


def saving(url: str, path: str) -> float:
    client = client_of(url)
    start = time.perf_counter()
    client.get_build_logs(1, 1, save=True, file_name=path)
    return time.perf_counter() - start


def zipping(path: str) -> tuple[float, int]:
    from peak_images import build_artifact

    start = time.perf_counter()
    with build_artifact(path, max_size=None) as artifact:
        return time.perf_counter() - start, artifact.size


if __name__ == "__main__":
    run_job(globals())
