"""The commands that the contract gives: one for each operation, made from its description."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import typer

from peak_images_cli import tables
from peak_images_cli.command import Command
from peak_images_cli.dry_run import capture_request
from peak_images_cli.examples import examples_of
from peak_images_cli.exit_codes import CommandError, ExitCode
from peak_images_cli.option_groups import flatten_options
from peak_images_cli.options import (
    ArtifactOptions,
    BuildOptions,
    ConfirmOptions,
    DeletionOptions,
    DryRunOptions,
    FileOptions,
    OutputOptions,
    PageOptions,
    ServiceOptions,
    WaitOptions,
)
from peak_images_cli.output import show
from peak_images_cli.preview import describe_request, request_lines
from peak_images_cli.references import Given, describe_target
from peak_images_cli.request_body import make_request
from peak_images_cli.service import open_client
from peak_images_cli.submit import SubmitOptions, submit
from peak_images_cli.terminal import strip_control_chars

if TYPE_CHECKING:
    import peak_images as images

_ALL_PAGE_SIZE: Final = 100
_DELETABLE: Final = {"image_id", "version_id", "version_ids"}
"""What the client can wait for the deletion of."""


@dataclass(frozen=True)
class OperationRunner:
    """Runs a command that is made from an operation.

    Attributes:
        command: The command.
    """

    command: Command

    def function(self) -> Callable[..., None]:
        """Return the function of the command, as typer takes it."""
        operation = self.command.operation
        if operation["pagination"]:
            run: Callable[..., None] = self._list
        elif operation["body"]:
            takes_file = self._submit_artifact if self.command.has_artifact else self._submit
            run = self._submit_build if self.command.starts_build else takes_file
        elif operation["method"] == "DELETE":
            deletable = {field.path[0] for field in self.command.fields} <= _DELETABLE
            run = self._delete_and_wait if deletable else self._delete
        else:
            run = self._read if operation["method"] == "GET" else self._change
        return flatten_options(run, self.command.parameters(), doc=self._documentation())

    def _documentation(self) -> str:
        operation = self.command.operation
        parts = [f"{operation['summary']}.", operation["description"].replace("`", "").strip()]
        if operation["deprecated"]:
            parts.append("It is deprecated.")
        if operation["body"]:
            parts.append("From a FILE, from options, or from both: options override the FILE.")
        if operation["method"] == "DELETE":
            parts.append("On a terminal it asks first. Without one, in a script or a pipe, --yes is required.")
        examples = "\n".join(f"    {line}" for line in examples_of(self.command))
        return "\n\n".join([part for part in parts if part] + ["Examples:", examples])

    def _list(
        self,
        ctx: typer.Context,
        values: dict[str, Any],
        pages: PageOptions,
        output: OutputOptions,
        service: ServiceOptions,
    ) -> None:
        pagination = self.command.operation["pagination"]
        if not pagination:
            raise AssertionError(self.command.name)
        given, items = self.command.given(values), pagination["items"]
        if pages.all_pages and pagination["argument"] in given.arguments:
            raise CommandError("--all can't be used with --page-number")
        with open_client(ctx, service) as client:
            arguments = given.resolve(client)
            if pages.all_pages:
                has_size = any(field.path == ("page_size",) for field in self.command.fields)
                size = {"page_size": _ALL_PAGE_SIZE} if has_size else {}
                found = list(self.command.call(client, {**size, **arguments}))
                page: dict[str, Any] = {f"{items.removesuffix('s')}Count": len(found), items: found}
            else:
                page = dict(self.command.call(client, arguments, return_iterator=False))
        tables.show_page(page, items, output, tables.columns_of(pagination["model"], pagination["fields"]))

    def _read(self, ctx: typer.Context, values: dict[str, Any], output: OutputOptions, service: ServiceOptions) -> None:
        given = self.command.given(values)
        with open_client(ctx, service) as client:
            result = dict(self.command.call(client, given.resolve(client)))
        show(result, output, lambda: tables.fields_table(result))

    def _change(
        self,
        ctx: typer.Context,
        values: dict[str, Any],
        sending: DryRunOptions,
        output: OutputOptions,
        service: ServiceOptions,
    ) -> None:
        given = self.command.given(values)
        if sending.dry_run:
            self._dry_run(ctx, given, output, service)
            return
        with open_client(ctx, service) as client:
            result = dict(self.command.call(client, given.resolve(client)))
        show(
            result,
            output,
            lambda: tables.fields_table(result) if result else f"{self.command.operation['summary']}: done.",
        )

    def _delete(
        self,
        ctx: typer.Context,
        values: dict[str, Any],
        sending: DryRunOptions,
        confirming: ConfirmOptions,
        output: OutputOptions,
        service: ServiceOptions,
    ) -> None:
        self._delete_with(ctx, self.command.given(values), sending, confirming, None, output, service)

    def _delete_with(
        self,
        ctx: typer.Context,
        given: Given,
        sending: DryRunOptions,
        confirming: ConfirmOptions,
        deleting: DeletionOptions | None,
        output: OutputOptions,
        service: ServiceOptions,
    ) -> None:
        if sending.dry_run:
            self._dry_run(ctx, given, output, service)
            return
        with open_client(ctx, service) as client:
            if not confirming.yes and not sys.stdin.isatty():
                raise CommandError("--yes is required where there is no terminal to ask on")
            arguments = given.resolve(client)
            target = describe_target(client, arguments, look_up=not confirming.yes) or self.command.operation["summary"]
            if not confirming.yes:
                question = strip_control_chars(f"Delete {target} at {client.session.base_url}?")
                if not typer.confirm(question, err=True):
                    raise CommandError("nothing was deleted", code=ExitCode.FAILED)
            result = dict(self.command.call(client, arguments))
            if deleting and deleting.wait:
                _wait_until_deleted(client, arguments, deleting)
        done = "Deleted" if deleting and deleting.wait else "Deleting"
        show(result, output, lambda: f"{done}: {target}.")

    def _delete_and_wait(
        self,
        ctx: typer.Context,
        values: dict[str, Any],
        sending: DryRunOptions,
        confirming: ConfirmOptions,
        deleting: DeletionOptions,
        output: OutputOptions,
        service: ServiceOptions,
    ) -> None:
        self._delete_with(ctx, self.command.given(values), sending, confirming, deleting, output, service)

    def _submit(
        self,
        ctx: typer.Context,
        values: dict[str, Any],
        file: FileOptions,
        sending: DryRunOptions,
        output: OutputOptions,
        service: ServiceOptions,
    ) -> None:
        self._submit_artifact(ctx, values, file, ArtifactOptions(), sending, output, service)

    def _submit_artifact(
        self,
        ctx: typer.Context,
        values: dict[str, Any],
        file: FileOptions,
        artifact: ArtifactOptions,
        sending: DryRunOptions,
        output: OutputOptions,
        service: ServiceOptions,
    ) -> None:
        how = SubmitOptions(ctx, service, sending, BuildOptions(), WaitOptions(), output)
        self._submit_with(values, file, artifact, how)

    def _submit_build(
        self,
        ctx: typer.Context,
        values: dict[str, Any],
        file: FileOptions,
        artifact: ArtifactOptions,
        sending: DryRunOptions,
        building: BuildOptions,
        waiting: WaitOptions,
        output: OutputOptions,
        service: ServiceOptions,
    ) -> None:
        self._submit_with(values, file, artifact, SubmitOptions(ctx, service, sending, building, waiting, output))

    def _submit_with(
        self, values: dict[str, Any], file: FileOptions, artifact: ArtifactOptions, how: SubmitOptions
    ) -> None:
        given = self.command.given(values)
        document = make_request(next(iter(given.rest), None), file, self.command.fields, values, artifact)
        submit(self.command, given, document, how)

    def _dry_run(self, ctx: typer.Context, given: Given, output: OutputOptions, service: ServiceOptions) -> None:
        caught = capture_request(ctx, service, lambda client: self.command.call(client, given.placeholders()))
        url = given.with_placeholders(caught.url, self.command.operation)
        headers = given.headers(self.command.operation)
        described = describe_request([{"method": caught.method, "url": url}], headers=headers)
        show(described, output, lambda: request_lines(described))


def _wait_until_deleted(client: images.Image, arguments: Mapping[str, Any], deleting: DeletionOptions) -> None:
    end = time.monotonic() + deleting.wait_timeout
    versions = arguments.get("version_ids") or [arguments.get("version_id")]
    for version_id in versions:
        left = max(0.001, end - time.monotonic())
        client.wait_until_deleted(arguments["image_id"], version_id, timeout=left, poll_interval=deleting.poll_interval)
