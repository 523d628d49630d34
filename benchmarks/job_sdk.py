"""One job for the official SDK, in a process of its own: ``python job_sdk.py JOB URL [PATH]``."""

from __future__ import annotations

import sys
import time

from measured import report

TYPE_CHECKING = False  # typing itself takes long to load, and is measured too
if TYPE_CHECKING:
    from typing import Any


def client_of(url: str) -> Any:
    from peak.resources import images

    # The one thing that is changed in it: where the service is.
    for module in list(sys.modules.values()):
        if hasattr(module, "get_base_domain"):
            module.get_base_domain = lambda *_, **__: url
    from peak import Session

    return images.get_client(Session("a-token"))


def first(url: str) -> None:
    client_of(url).list_images(page_size=100, page_number=1, return_iterator=False)


def listing(url: str) -> float:
    client = client_of(url)
    start = time.perf_counter()
    assert sum(1 for _ in client.list_images(page_size=100)) % 20_000 == 0
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


if __name__ == "__main__":
    report(globals()[sys.argv[1]](*sys.argv[2:]))
