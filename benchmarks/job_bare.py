"""One job for the floor, httpx and json or deflate alone: ``python job_bare.py JOB URL|PATH [PATH|THREADS]``."""

from __future__ import annotations

import time

from measured import run_job

TYPE_CHECKING = False  # typing itself takes long to load, and is measured too
if TYPE_CHECKING:
    from typing import Any

    import httpx

API = "/image-management/api/v2"
TOGETHER = 8  # pages, as this package fetches with prefetch


def nothing() -> None:
    pass


def client() -> httpx.Client:
    import httpx

    return httpx.Client(headers={"Authorization": "a-token"})


def page(client: httpx.Client, url: str, number: int) -> Any:
    import json

    response = client.get(f"{url}{API}/images/", params={"pageSize": 100, "pageNumber": number})
    return json.loads(response.content)


def first(url: str) -> None:
    page(client(), url, 1)


def _all_pages(client: httpx.Client, url: str) -> float:
    start = time.perf_counter()
    found, number, pages = 0, 1, 1
    while number <= pages:
        response = page(client, url, number)
        pages = response["pageCount"]
        for _ in response["images"]:
            found += 1
        number += 1
    assert found == 20_000
    return time.perf_counter() - start


def listing(url: str) -> float:
    return _all_pages(client(), url)


def listing_again(url: str) -> float:
    connected = client()
    page(connected, url, 1)
    return _all_pages(connected, url)


def prefetching(url: str) -> float:
    import asyncio
    import json

    import httpx

    async def count() -> float:
        async with httpx.AsyncClient(headers={"Authorization": "a-token"}) as client:

            async def fetch(number: int) -> Any:
                response = await client.get(f"{url}{API}/images/", params={"pageSize": 100, "pageNumber": number})
                return json.loads(response.content)

            start = time.perf_counter()
            first = await fetch(1)
            pages, found = first["pageCount"], len(first["images"])
            for number in range(2, pages + 1, TOGETHER):
                batch = range(number, min(number + TOGETHER, pages + 1))
                found += sum([len(page["images"]) for page in await asyncio.gather(*map(fetch, batch))])
            assert found == 20_000
            return time.perf_counter() - start

    return asyncio.run(count())


def describing(url: str) -> float:
    import json

    connected = client()
    start = time.perf_counter()
    for _ in range(200):
        json.loads(connected.get(f"{url}{API}/images/1").content)
    return time.perf_counter() - start


def saving(url: str, path: str) -> float:
    import json

    connected = client()
    start = time.perf_counter()
    found = json.loads(connected.get(f"{url}{API}/images/1/builds/1/logs/download").content)
    with connected.stream("GET", found["downloadUrl"]) as response, open(path, "wb") as file:  # noqa: PTH123 - nothing more than is needed
        file.writelines(response.iter_raw())
    return time.perf_counter() - start


def deflating(listing: str, threads: str) -> float:
    """Read the files of a listing and deflate each, with the codec and the level that archives have."""
    import os
    from threading import Thread

    from deflate import deflate_compress

    def deflate(paths: list[str]) -> None:
        for path in paths:
            descriptor = os.open(path, os.O_RDONLY)
            content = os.read(descriptor, os.fstat(descriptor).st_size)
            os.close(descriptor)
            deflate_compress(content, 5)

    with open(listing) as file:  # noqa: PTH123 - nothing more than is needed
        paths = file.read().splitlines()
    count = int(threads)
    start = time.perf_counter()
    workers = [Thread(target=deflate, args=(paths[index::count],)) for index in range(1, count)]
    for worker in workers:
        worker.start()
    deflate(paths[0::count])
    for worker in workers:
        worker.join()
    return time.perf_counter() - start


if __name__ == "__main__":
    run_job(globals())
