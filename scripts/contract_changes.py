"""Find the changes of the contract that users of the library see, and whether they are breaking.

The contracts are compared operation by operation, with references followed, so that each change is reported with the
operations that it affects and the direction (sent or received). A general differ of OpenAPI documents supports neither
the hints nor the rule that a Python signature depends on the order of the parameters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contract_document import METHODS, OTHER_METHODS, resolve
from schema_changes import (
    ADDITION,
    BREAKING,
    PUBLIC_NAMES,
    TEXT,
    TEXTS,
    Impact,
    SchemaDiffer,
    different,
    iter_references,
    renames,
    short,
)

SERIALIZATION = frozenset({"style", "explode", "allowReserved", "content"})


@dataclass
class Change:
    """One change, with all operations that it affects.

    Attributes:
        verb: ``Added``, ``Removed``, ``Renamed``, ``Deprecated`` or ``Changed``.
        message: What changed: a field, a value, an operation.
        impact: The part of the version that it raises.
        sent: The operations that send it.
        received: The operations that receive it.
    """

    verb: str
    message: str
    impact: Impact
    sent: list[str] = field(default_factory=list)
    received: list[str] = field(default_factory=list)

    def line(self, operations: int) -> str:
        """Return the change as a line of the summary; ``operations`` is how many the contract has."""
        places = [
            f"{direction} by {'all operations' if len(names) == operations > 1 else ', '.join(names)}"
            for direction, names in (("sent", self.sent), ("received", self.received))
            if names
        ]
        where = f" ({'; '.join(places)})" if places else ""
        return f"- {self.verb}{' (**breaking**)' if self.impact is BREAKING else ''}: {self.message}{where}"


class _Changes:
    """A collection of changes, in which a change of several operations is listed once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, Impact], Change] = {}

    def add(self, verb: str, message: str, impact: Impact) -> Change:
        return self._found.setdefault((verb, message, impact), Change(verb, message, impact))

    def sorted(self) -> list[Change]:
        """Return the changes: breaking ones first, then in the contract's order."""
        return sorted(self._found.values(), key=lambda change: -change.impact)


@dataclass(frozen=True)
class Operation:
    """An operation with the parameters of its path.

    Attributes:
        name: Its operationId.
        method: The HTTP method, in upper case.
        path: The path, as the contract spells it.
        described: What the contract says about it.
        parameters: Its parameters by place and name, in order.
    """

    name: str
    method: str
    path: str
    described: dict[str, Any]
    parameters: dict[tuple[str, str], dict[str, Any]]

    def arguments(self) -> list[str]:
        """Return the arguments that can be given by position: path, body, query."""
        body = ["body"] if "requestBody" in self.described else []
        return [*self._named("path"), *body, *self._named("query")]

    def _named(self, place: str) -> list[str]:
        return [name for where, name in self.parameters if where == place]


def read_operations(contract: dict[str, Any]) -> dict[str, Operation]:
    """Return every operation by its name, in the contract's order."""
    found = {}
    for path, item in contract.get("paths", {}).items():
        for method in (*METHODS, *OTHER_METHODS):
            if method in item:
                listed = [*item.get("parameters", ()), *item[method].get("parameters", ())]
                parameters = {(one["in"], one["name"]): one for one in (resolve(contract, each) for each in listed)}
                name = item[method].get("operationId", f"{method.upper()} {path}")
                found[name] = Operation(name, method.upper(), path, item[method], parameters)
    return found


def find_changes(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """Return the changes from one contract to another, breaking ones first."""
    changes = _Changes()
    before, after = read_operations(old), read_operations(new)
    places = {(one.method, one.path): name for name, one in after.items() if name not in before}
    renamed = {name: places.pop((one.method, one.path), None) for name, one in before.items() if name not in after}
    for name, operation in before.items():
        match = renamed.get(name, name)
        if match is None:
            changes.add("Removed", f"operation `{name}`, {operation.method} {operation.path}", BREAKING)
        else:
            _OperationDiffer(changes, old, new, operation, after[match]).compare()
    for name in places.values():
        changes.add("Added", f"operation `{name}`, {after[name].method} {after[name].path}", ADDITION)
    _compare_types(changes, old, new)
    _compare_document(changes, old, new)
    return changes.sorted()


def summary(old: dict[str, Any], new: dict[str, Any], changes: list[Change]) -> str:
    """Return the changes as a section for the changelog."""
    before, after = old["info"]["version"], new["info"]["version"]
    if not changes:
        return f"Nothing changed for users since contract {before}."
    total = len(read_operations(new))
    return "\n".join([f"### Contract {before} → {after}", "", *(change.line(total) for change in changes)])


@dataclass
class _OperationDiffer:
    changes: _Changes
    old_contract: dict[str, Any]
    new_contract: dict[str, Any]
    old: Operation
    new: Operation

    def __post_init__(self) -> None:
        contracts = self.old_contract, self.new_contract
        self._sent = SchemaDiffer(*contracts, sent=True, note=self._note_sent)
        self._received = SchemaDiffer(*contracts, sent=False, note=self._note_received)

    def _note(self, verb: str, message: str, impact: Impact) -> None:
        self.changes.add(verb, f"{message} of operation `{self.new.name}`", impact)

    def _note_sent(self, verb: str, message: str, impact: Impact) -> None:
        _append(self.changes.add(verb, message, impact).sent, self.new.name)

    def _note_received(self, verb: str, message: str, impact: Impact) -> None:
        _append(self.changes.add(verb, message, impact).received, self.new.name)

    def compare(self) -> None:
        """Compare everything in the contract about the operation."""
        old, new = self.old, self.new
        if old.name != new.name:
            self.changes.add("Renamed", f"operation `{old.name}` to `{new.name}`", BREAKING)
        for what, before, after in (("method", old.method, new.method), ("path", old.path, new.path)):
            if before != after:
                self._note("Changed", f"{what} {before} to {after}", BREAKING)
        for key in different(old.described, new.described, ("operationId", "parameters", "requestBody", "responses")):
            self._compare_key(key, old.described.get(key), new.described.get(key))
        self._compare_parameters()
        self._compare_body()
        self._compare_responses()

    def _compare_key(self, key: str, before: Any, after: Any) -> None:
        change = f"{PUBLIC_NAMES.get(key, key)} {short(before)} to {short(after)}"
        if key in TEXTS:
            self._note("Changed", key.removeprefix("x-"), TEXT)
        elif key == "deprecated":
            verb = "Deprecated" if after else "No longer deprecated"
            self.changes.add(verb, f"operation `{self.new.name}`", ADDITION)
        elif key == "tags":
            # The first one is a module of the generated package.
            moves = (before or [""])[0] != (after or [""])[0]
            self._note("Changed", change, BREAKING if moves else ADDITION)
        else:
            breaks = key in PUBLIC_NAMES or key in ("security", "servers")
            self._note("Changed", change, BREAKING if breaks else ADDITION)

    def _compare_parameters(self) -> None:
        old, new = self.old.parameters, self.new.parameters
        renamed = {key: other for key, other in renames(old, new).items() if key[0] == other[0]}
        for key, parameter in old.items():
            if key in renamed:
                self._note_sent("Renamed", f"{_label(key)} to `{renamed[key][1]}`", BREAKING)
            elif key not in new:
                self._note_sent("Removed", _label(key), BREAKING)
            else:
                self._compare_parameter(_label(key), parameter, new[key])
        for key, parameter in new.items():
            if key not in old and key not in renamed.values():
                required = parameter.get("required", False)
                self._note_sent("Added", f"{'required ' * required}{_label(key)}", BREAKING if required else ADDITION)
        names = {key[1]: other[1] for key, other in renamed.items()}
        after = self.new.arguments()
        kept = [name for name in (names.get(one, one) for one in self.old.arguments()) if name in after]
        if after[: len(kept)] != kept:
            self._note("Changed", f"order of the arguments, now {', '.join(after)},", BREAKING)

    def _compare_parameter(self, label: str, old: dict[str, Any], new: dict[str, Any]) -> None:
        for key in different(old, new, ("name", "in", "schema")):
            before, after = old.get(key), new.get(key)
            if key in TEXTS:
                self._note_sent("Changed", f"{key} of {label}", TEXT)
            elif key == "deprecated":
                self._note_sent("Deprecated" if after else "No longer deprecated", label, ADDITION)
            elif key == "required":
                text = f"{label} is {'now' if after else 'no longer'} required"
                self._note_sent("Changed", text, BREAKING if after else ADDITION)
            else:
                breaks = key in PUBLIC_NAMES or key in SERIALIZATION
                text = f"{PUBLIC_NAMES.get(key, key)} of {label}, {short(before)} to {short(after)}"
                self._note_sent("Changed", text, BREAKING if breaks else ADDITION)
        self._sent.compare(old.get("schema", {}), new.get("schema", {}), label)

    def _compare_body(self) -> None:
        old = resolve(self.old_contract, self.old.described.get("requestBody", {}))
        new = resolve(self.new_contract, self.new.described.get("requestBody", {}))
        if new and not old:
            self._note_sent("Added", "request body", BREAKING if new.get("required") else ADDITION)
        elif old and not new:
            self._note_sent("Removed", "request body", BREAKING)
        else:
            for key in different(old, new, ("content",)):
                breaks = key == "required" and new.get("required")
                impact = TEXT if key in TEXTS else BREAKING if breaks else ADDITION
                self._note_sent("Changed", f"{key} of the request body", impact)
            self._compare_content(old, new, "request body", self._sent)

    def _compare_responses(self) -> None:
        old, new = self.old.described.get("responses", {}), self.new.described.get("responses", {})
        for status in dict.fromkeys([*old, *new]):
            label = f"response {status}"
            if status not in new:
                self._note_received("Removed", label, BREAKING if str(status).startswith("2") else ADDITION)
            elif status not in old:
                self._note_received("Added", label, ADDITION)
            else:
                before, after = resolve(self.old_contract, old[status]), resolve(self.new_contract, new[status])
                for key in different(before, after, ("content",)):
                    self._note_received("Changed", f"{key} of {label}", TEXT if key in TEXTS else ADDITION)
                self._compare_content(before, after, label, self._received)

    def _compare_content(self, old: dict[str, Any], new: dict[str, Any], label: str, schemas: SchemaDiffer) -> None:
        before, after = old.get("content", {}), new.get("content", {})
        gone, come = [kind for kind in before if kind not in after], [kind for kind in after if kind not in before]
        pairs = [(kind, kind) for kind in before if kind in after]
        if len(gone) == len(come) == 1:
            schemas.note("Changed", f"media type of the {label}, {gone[0]} to {come[0]}", BREAKING)
            pairs.append((gone[0], come[0]))
        else:
            for kind in gone:
                schemas.note("Removed", f"media type {kind} of the {label}", BREAKING)
            for kind in come:
                schemas.note("Added", f"media type {kind} of the {label}", ADDITION if before else BREAKING)
        for kind, other in pairs:
            self._compare_media(before[kind], after[other], label, schemas)

    def _compare_media(self, old: dict[str, Any], new: dict[str, Any], label: str, schemas: SchemaDiffer) -> None:
        known = schemas.field_names(self.old_contract, old.get("schema", {}))
        before, after = old.get("encoding", {}), new.get("encoding", {})
        for name in different(before, after):
            if name in known:  # of a new field, the field is the change
                change = f"encoding of field `{name}`, {short(before.get(name))} to {short(after.get(name))}"
                schemas.note("Changed", change, BREAKING)
        for key in different(old, new, ("schema", "encoding")):
            schemas.note("Changed", f"{key} of the {label}", TEXT if key in TEXTS else ADDITION)
        schemas.compare(old.get("schema", {}), new.get("schema", {}), label)


def _append(names: list[str], name: str) -> None:
    if name not in names:
        names.append(name)


def _label(key: tuple[str, str]) -> str:
    return f"{key[0]} parameter `{key[1]}`"


def _compare_types(changes: _Changes, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Compare the named schemas, which are public: models and types for annotations have their names."""
    before, after = (_used_schemas(contract) for contract in (old, new))
    renamed = renames(before, after)
    for name in before:
        if name in renamed:
            changes.add("Renamed", f"type `{name}` to `{renamed[name]}`", BREAKING)
        elif name not in after:
            changes.add("Removed", f"type `{name}`", BREAKING)


def _used_schemas(contract: dict[str, Any]) -> dict[str, Any]:
    schemas = contract.get("components", {}).get("schemas", {})
    rest = {key: value for key, value in contract.get("components", {}).items() if key != "schemas"}
    found = dict.fromkeys(iter_references([contract.get("paths", {}), rest]))
    while more := [name for each in found for name in iter_references(schemas[each]) if name not in found]:
        found |= dict.fromkeys(more)
    return {name: schemas[name] for name in found}


def _compare_document(changes: _Changes, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Compare what is part of no operation: servers, authentication, texts."""
    _compare_servers(changes, *({server["url"]: server for server in one.get("servers", ())} for one in (old, new)))
    before, after = (one.get("components", {}).get("securitySchemes", {}) for one in (old, new))
    for name in different(before, after):
        scheme, other = before.get(name, {}), after.get(name, {})
        for key in different(scheme, other):
            change = f"{key} of the authentication `{name}`, {short(scheme.get(key))} to {short(other.get(key))}"
            changes.add("Changed", change, TEXT if key in TEXTS else BREAKING)
    if old.get("security") != new.get("security"):
        changes.add("Changed", f"security, {short(old.get('security'))} to {short(new.get('security'))}", BREAKING)
    for key in different(old["info"], new["info"], ("version",)):
        changes.add("Changed", f"{key} of the contract", TEXT)
    for key in different(old, new, ("info", "servers", "security", "paths", "components")):
        changes.add("Changed", f"{key} of the contract", TEXT if key in ("tags", "externalDocs") else ADDITION)


def _compare_servers(changes: _Changes, old: dict[str, Any], new: dict[str, Any]) -> None:
    for url, server in old.items():
        if url not in new:
            changes.add("Removed", f"server {url}", BREAKING)
        for key in different(server, new.get(url, server)):
            changes.add("Changed", f"{key} of server {url}", TEXT if key in TEXTS else BREAKING)
    for url in new:
        if url not in old:
            changes.add("Added", f"server {url}", ADDITION)
    if all(url in new for url in old) and list(old)[:1] != list(new)[:1]:
        changes.add("Changed", f"first server, now {next(iter(new), 'none')}", BREAKING)
