"""One job for the official SDK, in a process of its own: ``python job_sdk.py JOB URL|PATH [PATH]``."""

from __future__ import annotations

import sys
import time

from measured import run_job

TYPE_CHECKING = False  # typing itself takes long to load, and is measured too
if TYPE_CHECKING:
    from typing import Any


def point_at(url: str) -> None:
    """Change the one thing that is changed in the SDK: where the service is."""
    for module in list(sys.modules.values()):
        if hasattr(module, "get_base_domain"):
            module.get_base_domain = lambda *_, **__: url


def client_of(url: str) -> Any:
    from peak.resources import images

    point_at(url)
    from peak import Session

    return images.get_client(Session("a-token"))


def first(url: str) -> None:
    client_of(url).list_images(page_size=100, page_number=1, return_iterator=False)


def listing(url: str) -> float:
    client = client_of(url)
    start = time.perf_counter()
    assert sum(1 for _ in client.list_images(page_size=100)) % 20_000 == 0
    return time.perf_counter() - start


def listing_again(url: str) -> float:
    client = client_of(url)
    client.list_images(page_size=100, page_number=1, return_iterator=False)
    start = time.perf_counter()
    assert sum(1 for _ in client.list_images(page_size=100)) == 20_000
    return time.perf_counter() - start


def failed_builds(url: str) -> float:
    client = client_of(url)
    start = time.perf_counter()
    found = 0
    for image in client.list_images(page_size=100):
        found += sum(1 for _ in client.list_image_builds(image["id"], page_size=100, build_status=["failed"]))
    assert found == 200
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
    from peak.compression import compress

    from peak import constants

    constants.MAX_ARTIFACT_SIZE_MB = 10**6
    start = time.perf_counter()
    with compress(path) as file:
        seconds = time.perf_counter() - start
        return seconds, file.seek(0, 2)


def command_line(url: str) -> None:
    """Run ``peak images list``."""
    from peak.cli.cli import typer_app

    point_at(url)
    typer_app(["images", "list"], prog_name="peak")


if __name__ == "__main__":
    run_job(globals())
