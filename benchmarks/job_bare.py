"""One job for httpx and json alone, the floor, in a process of its own: ``python job_bare.py JOB URL [PATH]``."""

from __future__ import annotations

import json
import sys
import time

import httpx
from measured import report

TYPE_CHECKING = False  # typing itself takes long to load, and is measured too
if TYPE_CHECKING:
    from typing import Any

API = "/image-management/api/v2"


def page(client: httpx.Client, url: str, number: int) -> Any:
    answer = client.get(
        f"{url}{API}/images/", params={"pageSize": 100, "pageNumber": number}, headers={"Authorization": "a-token"}
    )
    return json.loads(answer.content)


def first(url: str) -> None:
    page(httpx.Client(), url, 1)


def listing(url: str) -> float:
    client = httpx.Client()
    start = time.perf_counter()
    found, number, pages = 0, 1, 1
    while number <= pages:
        answer = page(client, url, number)
        pages = answer["pageCount"]
        for _ in answer["images"]:
            found += 1
        number += 1
    assert found % 20_000 == 0
    return time.perf_counter() - start


def describing(url: str) -> float:
    client = httpx.Client()
    start = time.perf_counter()
    for _ in range(200):
        json.loads(client.get(f"{url}{API}/images/1", headers={"Authorization": "a-token"}).content)
    return time.perf_counter() - start


def saving(url: str, path: str) -> float:
    client = httpx.Client()
    start = time.perf_counter()
    found = json.loads(client.get(f"{url}{API}/images/1/builds/1/logs/download").content)
    with client.stream("GET", found["downloadUrl"]) as answer, open(path, "wb") as file:  # noqa: PTH123 - nothing more than is needed
        file.writelines(answer.iter_raw())
    return time.perf_counter() - start


if __name__ == "__main__":
    report(globals()[sys.argv[1]](*sys.argv[2:]))
