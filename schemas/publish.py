"""JSON Schema (draft 2020-12) of every record, generated from the dataclasses into `schemas/json/`.

    python -m schemas.publish            writes the files
    python -m schemas.publish --check    says which of them are not current, and exits with 1

Descriptions are the docstrings of records and fields, and the comments beside the values of a `Literal`. A tool for those who change
the records: it reads source code and writes files, and nothing that runs in a worker imports it.
"""

import ast
import dataclasses
import inspect
import json
import re
import sys
import typing
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from schemas import alert, article, claims, dead, delivery, enriched, figure

__all__ = ["DIALECT", "FOLDER", "RECORDS", "described", "documents", "emit"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FOLDER = Path(__file__).parent / "json"
RECORDS: dict[str, type] = {
    "article": article.Article,
    "enriched": enriched.Enriched,
    "claim": claims.ClaimRecord,
    "revision": claims.Revision,
    "tick": claims.Tick,
    "rules": claims.RulesChange,
    "alert": alert.Alert,
    "silence": delivery.Silence,
    "receiver": delivery.ReceiverState,
    "outbox": delivery.OutboxEntry,
    "notified": delivery.Notified,
    "position": delivery.Position,
    "delivery": delivery.Delivery,
    "notice": delivery.Notice,
}
"""The records that travel as JSON, by the name of their file."""

_MODULES: tuple[ModuleType, ...] = (article, figure, enriched, claims, alert, delivery, dead)
_LITERAL_COMMENT = re.compile(r'^\s*"(?P<value>\w+)",\s*#\s*(?P<comment>.+)$')

Schema = dict[str, Any]


def documents() -> dict[str, Schema]:
    """All schemas by file name (without suffix), as plain JSON data."""
    found = {name: _document(name, kind) for name, kind in RECORDS.items()}
    found["dead-letter-headers"] = _headers_document()
    plain: dict[str, Schema] = json.loads(json.dumps(found))
    return plain


def emit(files: Mapping[Path, Schema], arguments: list[str]) -> int:
    """Writes `files`, or with ``--check`` names on standard error those that differ from what is on disk. Returns the exit status."""
    wanted = {path: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for path, schema in files.items()}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if arguments == ["--check"]:
        for path in stale:
            print(f"{path.name} is not current: run `make schemas`", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8")
        print(f"wrote {path.name}")
    return 0


def described(kinds: Iterable[type], modules: Iterable[ModuleType] = (), *, ref: str) -> dict[str, Schema]:
    """The schemas of dataclasses and of all that they are made of, by name. Those that are not of this package are found in `modules`.

    `ref` is where one schema finds another, with `{name}` for its name.
    """
    _, components = msgspec.json.schema_components(kinds, ref_template=ref)
    classes = {found.__name__: found for found in _classes((*_MODULES, *modules))}
    return {title: _described(schema, classes[title]) for title, schema in components.items()}


def _document(name: str, kind: type) -> Schema:
    parts = described([kind], ref="#/$defs/{name}")
    return _head(name) | parts.pop(kind.__name__) | {"$defs": parts}


def _head(name: str) -> Schema:
    return {"$schema": DIALECT, "$id": f"urn:newsgauge:schema:{name}"}


def _described(schema: Schema, kind: type) -> Schema:
    """The schema of one dataclass: fields as declared, with their docstrings and the format of times."""
    hints, notes = typing.get_type_hints(kind), _field_docs(kind)
    properties = {}
    for field in dataclasses.fields(kind):
        shown = _simplified(schema["properties"][field.name])
        if datetime in (hints[field.name], *typing.get_args(hints[field.name])):
            shown["format"] = "date-time"
        if field.name in notes:
            shown["description"] = notes[field.name]
        properties[field.name] = shown
    required = [name for name in properties if name in schema.get("required", ()) or _tells_kind(name, hints[name])]
    return {
        "title": kind.__name__,
        "description": inspect.cleandoc(kind.__doc__ or ""),
        "type": "object",
        "properties": properties,
        "required": required,
    }


def _tells_kind(name: str, hint: Any) -> bool:
    """Is this the field by which records of one topic are told apart? It has a default in Python, and must be there on the wire."""
    return name == "type" and typing.get_origin(hint) is typing.Literal and len(typing.get_args(hint)) == 1


def _simplified(schema: Schema) -> Schema:
    """`schema` with unions of plain types written as a list of types, and the values of a Literal in their order, with their comments."""
    if "anyOf" in schema:
        parts = [_simplified(part) for part in schema["anyOf"]]
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        if all(set(part) <= {"type", "format"} for part in parts):
            types = [part["type"] for part in parts if not (part["type"] == "integer" and {"type": "number"} in parts)]
            formats = [part["format"] for part in parts if "format" in part]
            return {"type": types, **({"format": formats[0]} if formats else {}), **rest}
        return {"anyOf": parts, **rest}
    if "items" in schema and isinstance(schema["items"], dict):
        return {**schema, "items": _simplified(schema["items"])}
    if "enum" in schema:
        for values, comments in _literals():
            if set(values) == set(schema["enum"]):
                return {**schema, "enum": list(values), **({"description": comments} if comments else {})}
    return dict(schema)


def _headers_document() -> Schema:
    """The headers of a dead letter: UTF-8 text, numbers in decimal, the time in ISO 8601."""
    kind = dead.DeadLetter
    hints, notes = typing.get_type_hints(kind), _field_docs(kind)
    names = dict(zip((field.name for field in dataclasses.fields(kind)), _header_names(), strict=True))
    properties: Schema = {}
    for field, name in names.items():
        shown: Schema = {"type": "string"}
        if hints[field] is int:
            shown["pattern"] = "^[0-9]+$"
        if hints[field] is datetime:
            shown["format"] = "date-time"
        if field in notes:
            shown["description"] = notes[field]
        properties[name] = shown
    return {
        **_head("dead-letter-headers"),
        "title": "DeadLetterHeaders",
        "description": inspect.cleandoc(kind.__doc__ or ""),
        "type": "object",
        "properties": properties,
        "required": [name for field, name in names.items() if type(None) not in typing.get_args(hints[field])],
    }


def _header_names() -> list[str]:
    """The names of a dead letter's headers, in the order of its fields: those that the codec itself writes."""
    letter = dead.DeadLetter(
        reason="",
        detail="",
        stage="",
        topic="",
        partition=0,
        offset=0,
        exception="",
        attempt=1,
        first_failed=datetime(1970, 1, 1, tzinfo=UTC),
        program="",
    )
    return [name for name, _ in dead.to_headers(letter)]


def _classes(modules: Iterable[ModuleType]) -> Iterator[type]:
    for module in modules:
        for value in vars(module).values():
            if dataclasses.is_dataclass(value) and isinstance(value, type) and value.__module__ == module.__name__:
                yield value


def _field_docs(kind: type) -> dict[str, str]:
    """The string that stands under a field, by the field's name."""
    body = ast.parse(inspect.cleandoc(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(after, ast.Expr):
            found[field.target.id] = inspect.cleandoc(ast.literal_eval(after.value))
    return found


def _literals() -> Iterator[tuple[tuple[str, ...], str]]:
    """Every `Literal` of the records: its values, and the comments beside them as one text."""
    for module in _MODULES:
        source = inspect.getsource(module)
        for name, value in vars(module).items():
            if typing.get_origin(value) is typing.Literal:
                block = source.partition(f"\n{name} = Literal[")[2].partition("\n]\n")[0]
                matches = [_LITERAL_COMMENT.match(line) for line in block.splitlines()]
                yield typing.get_args(value), "; ".join(f"{m['value']}: {m['comment']}" for m in matches if m)


if __name__ == "__main__":
    sys.exit(emit({FOLDER / f"{name}.json": schema for name, schema in documents().items()}, sys.argv[1:]))
