"""The commands that are generated from the contract, one for each operation."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from peak_images_cli import tables
from peak_images_cli.command import Command
from peak_images_cli.dry_run import capture_request
from peak_images_cli.examples import examples_of
from peak_images_cli.exit_codes import CommandError
from peak_images_cli.help import HelpfulCommand
from peak_images_cli.option_groups import Options, command
from peak_images_cli.options import (
    ArtifactOptions,
    BuildOptions,
    ConfirmOptions,
    DeletionOptions,
    DryRunOptions,
    IgnoreOptions,
    OutputOptions,
    PageOptions,
    ServiceOptions,
    WaitOptions,
)
from peak_images_cli.output import show
from peak_images_cli.preview import describe_request, request_lines
from peak_images_cli.references import Given, describe_target, readable_url
from peak_images_cli.request_body import make_request
from peak_images_cli.service import open_client
from peak_images_cli.submit import SubmitOptions, submit
from peak_images_cli.terminal import confirm

_ALL_PAGE_SIZE: Final = 100
_DELETABLE: Final = {"image_id", "version_id", "version_ids"}
"""The arguments of deletions that the client can wait for."""


class ListOptions(PageOptions, OutputOptions, ServiceOptions):
    """Options of the commands that list."""


class CallOptions(DryRunOptions, OutputOptions, ServiceOptions):
    """Options of the commands without a body."""


class DeleteOptions(ConfirmOptions, DeletionOptions, CallOptions):
    """Options of the commands that delete."""


@dataclass(frozen=True)
class OperationRunner:
    """The implementation of a command that is generated from an operation.

    Attributes:
        command: The command.
    """

    command: Command

    def as_click(self) -> HelpfulCommand:
        """Return the command with its options and its help."""
        operation = self.command.operation
        without: list[type[Options]] = []
        if operation["pagination"]:
            run: Callable[..., None] = self._list
        elif operation["body"]:
            run = self._submit
            without += [] if self.command.has_artifact else [ArtifactOptions, IgnoreOptions]
            without += [] if self.command.starts_build else [BuildOptions, WaitOptions]
        elif operation["method"] == "DELETE":
            run = self._delete
            without += [] if {field.path[0] for field in self.command.fields} <= _DELETABLE else [DeletionOptions]
        else:
            run = self._call
            without += [DryRunOptions] if operation["method"] == "GET" else []
        return command(*self.command.parameters(), doc=self._documentation(), without=without)(run)

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

    def _list(self, options: ListOptions, /, **values: Any) -> None:
        pagination: Any = self.command.operation["pagination"]
        given, items = self.command.given(values), pagination["items"]
        if options.all_pages and pagination["argument"] in given.arguments:
            raise CommandError("--all can't be used with --page-number")
        with open_client(options) as client:
            arguments = given.resolve(client)
            if options.all_pages:
                for field in self.command.fields:
                    if field.path == ("page_size",):
                        arguments.setdefault("page_size", min(_ALL_PAGE_SIZE, field.value["maximum"] or _ALL_PAGE_SIZE))
                found = list(self.command.call(client, arguments))
                page: dict[str, Any] = {f"{items.removesuffix('s')}Count": len(found), items: found}
            else:
                page = dict(self.command.call(client, arguments, return_iterator=False))
        tables.show_page(page, items, options, tables.columns_of(pagination["model"], pagination["fields"]))

    def _call(self, options: CallOptions, /, **values: Any) -> None:
        given = self.command.given(values)
        if options.dry_run:
            self._dry_run(given, options)
            return
        with open_client(options) as client:
            result = dict(self.command.call(client, given.resolve(client)))
        done = f"{self.command.operation['summary']}: done."
        show(result, options, lambda: tables.fields_table(result) if result else done)

    def _delete(self, options: DeleteOptions, /, **values: Any) -> None:
        given = self.command.given(values)
        if options.dry_run:
            self._dry_run(given, options)
            return
        with open_client(options) as client:
            if not options.yes and not sys.stdin.isatty():
                raise CommandError("--yes is required where there is no terminal to ask on")
            arguments = given.resolve(client)
            names = [*(field.path[0] for field in self.command.fields if field.place == "path"), "version_ids"]
            deleted = {name: arguments[name] for name in names if name in arguments}
            target = describe_target(client, deleted, look_up=not options.yes) or self.command.operation["summary"]
            if not options.yes:
                confirm(f"Delete {target} at {client.session.base_url}?")
            result = dict(self.command.call(client, arguments))
            if options.wait:
                which = (arguments["image_id"], arguments.get("version_ids") or arguments.get("version_id"))
                client.wait_until_deleted(*which, timeout=options.wait_timeout, poll_interval=options.poll_interval)
        show(result, options, lambda: f"{'Deleted' if options.wait else 'Deleting'}: {target}.")

    def _submit(self, options: SubmitOptions, /, **values: Any) -> None:
        given = self.command.given(values)
        document = make_request(next(iter(given.rest), None), self.command, values, options)
        submit(self.command, given, document, options)

    def _dry_run(self, given: Given, options: CallOptions) -> None:
        arguments, shown = given.placeholders(self.command.operation)
        caught = capture_request(options, lambda client: self.command.call(client, arguments))
        url = readable_url(caught.url, self.command.operation, shown)
        headers = given.headers(self.command.operation)
        described = describe_request([{"method": caught.method, "url": url}], headers=headers)
        show(described, options, lambda: request_lines(described))
