"""The verbs that look: ``list``, ``list-versions``, ``list-builds``, ``describe``, ``describe-version``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from peak_images_cli import completion, tables
from peak_images_cli.exit_codes import CommandError
from peak_images_cli.option_groups import flatten_options
from peak_images_cli.options import (
    AllPages,
    BuildStatusFilter,
    ImageArgument,
    ImageOption,
    OutputOptions,
    PageNumber,
    PageSize,
    ServiceOptions,
    StatusFilter,
    TagFilter,
    VersionOption,
    filter_option,
)
from peak_images_cli.output import show
from peak_images_cli.request_body import split
from peak_images_cli.service import open_client


@flatten_options
def list_images(
    ctx: typer.Context,
    output: OutputOptions,
    service: ServiceOptions,
    page_size: PageSize = None,
    page_number: PageNumber = None,
    all_pages: AllPages = False,
    name: Annotated[
        str | None, typer.Option("--name", metavar="TEXT", help="Only images whose name contains this text.")
    ] = None,
    status: StatusFilter = None,
    scope: Annotated[
        list[str] | None,
        filter_option(
            "--scope", "SCOPE", "Only images of this scope: custom, global.", completion.several(*completion.SCOPES)
        ),
    ] = None,
    last_build_status: BuildStatusFilter = None,
    tags: TagFilter = None,
) -> None:
    """List images, newest first."""
    filters = {
        "name": name,
        "status": split(status),
        "scope": split(scope),
        "last_build_status": split(last_build_status),
        "tags": split(tags),
    }
    paging = _paging(page_size, page_number, all_pages=all_pages)
    with open_client(ctx, service) as client:
        page = _fetch(client.list_images, "image", filters | paging, all_pages=all_pages)
    show(page, output, lambda: tables.page_table(page, "images", tables.IMAGES))


@flatten_options
def list_versions(
    ctx: typer.Context,
    image_id: ImageArgument,
    output: OutputOptions,
    service: ServiceOptions,
    page_size: PageSize = None,
    page_number: PageNumber = None,
    all_pages: AllPages = False,
    version: Annotated[
        str | None,
        typer.Option("--version", metavar="TEXT", help="Only versions that contain this text: 0.0.1 finds 0.0.10 too."),
    ] = None,
    status: StatusFilter = None,
    last_build_status: BuildStatusFilter = None,
    tags: TagFilter = None,
) -> None:
    """List the versions of an image, newest first."""
    filters = {
        "version": version,
        "status": split(status),
        "last_build_status": split(last_build_status),
        "tags": split(tags),
    }
    paging = _paging(page_size, page_number, all_pages=all_pages)
    with open_client(ctx, service) as client:
        page = _fetch(client.list_image_versions, "version", filters | paging, image_id, all_pages=all_pages)
    show(page, output, lambda: tables.page_table(page, "versions", tables.VERSIONS))


@dataclass(frozen=True)
class BuildFilters:
    """Which builds to list."""

    count: Annotated[
        int | None,
        typer.Option("--count", metavar="N", help="At most this many builds, the newest; -1, for all, unless given."),
    ] = None
    version_ids: Annotated[
        list[str] | None, filter_option("--version-ids", "ID", "Only builds of the version with this id.")
    ] = None
    build_status: Annotated[
        list[str] | None,
        filter_option(
            "--build-status",
            "STATUS",
            "Only builds in this state: building, failed, success, stopping, stopped.",
            completion.several(*completion.BUILD_STATUSES),
        ),
    ] = None
    date_from: Annotated[
        str | None,
        typer.Option(
            "--date-from",
            metavar="TIME",
            help="Only builds started at this time or later, in ISO 8601; 90 days ago unless given.",
        ),
    ] = None
    date_to: Annotated[
        str | None,
        typer.Option(
            "--date-to",
            metavar="TIME",
            help="Only builds started at this time or before, in ISO 8601; now unless given.",
        ),
    ] = None


@flatten_options
def list_builds(
    ctx: typer.Context,
    image_id: ImageArgument,
    wanted: BuildFilters,
    output: OutputOptions,
    service: ServiceOptions,
    page_size: PageSize = None,
    page_number: PageNumber = None,
    all_pages: AllPages = False,
) -> None:
    """List the builds of an image, newest first."""
    filters = {
        **vars(wanted),
        "version_ids": split(wanted.version_ids),
        "build_status": split(wanted.build_status),
    }
    paging = _paging(page_size, page_number, all_pages=all_pages)
    with open_client(ctx, service) as client:
        page = _fetch(client.list_image_builds, "build", filters | paging, image_id, all_pages=all_pages)
    show(page, output, lambda: tables.page_table(page, "builds", tables.BUILDS))


@flatten_options
def describe(ctx: typer.Context, image_id: ImageArgument, output: OutputOptions, service: ServiceOptions) -> None:
    """Describe an image and its latest version."""
    with open_client(ctx, service) as client:
        image = client.describe_image(image_id)
    show(image, output, lambda: tables.fields_table(image))


@flatten_options
def describe_version(
    ctx: typer.Context,
    image_id: ImageOption,
    version_id: VersionOption,
    output: OutputOptions,
    service: ServiceOptions,
) -> None:
    """Describe a version of an image."""
    with open_client(ctx, service) as client:
        version = client.describe_version(image_id, version_id)
    show(version, output, lambda: tables.fields_table(version))


def _paging(page_size: int | None, page_number: int | None, *, all_pages: bool) -> dict[str, Any]:
    if all_pages and page_number is not None:
        raise CommandError("--all goes without --page-number")
    return {"page_size": page_size, "page_number": page_number}


def _fetch(
    method: Callable[..., Any], noun: str, arguments: Mapping[str, Any], *ids: int, all_pages: bool
) -> dict[str, Any]:
    """A page, as the service gives it; or all elements, in the form of a page."""
    given = {name: value for name, value in arguments.items() if value is not None}
    if not all_pages:
        page: dict[str, Any] = method(*ids, **given, return_iterator=False)
        return page
    # Fewer, larger pages, unless somebody wants it otherwise.
    elements: Iterator[Any] = method(*ids, **{"page_size": 100, **given})
    found = list(elements)
    return {f"{noun}Count": len(found), f"{noun}s": found}
