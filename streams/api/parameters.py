"""What may stand behind the `?` of an address: declared once, checked here, described in the OpenAPI document."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from streams.api import cursor, paging
from streams.api.problems import Fault
from streams.core.intake import parse_time

__all__ = ["Kind", "Parameter", "Query", "read"]

Kind = Literal["text", "label", "count", "moment", "page", "cursor"]
LONGEST = 200
LABEL = "^[A-Za-z_][A-Za-z0-9_]*="
MOST = 20
"""Values of one parameter that may be given several times."""

Query = Mapping[str, Any]
"""The values by name: a tuple where a parameter may be given several times, else one or the default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter: `many` may be given several times; a `count` lies from `least` to `most`; a `text` may have `choices`."""

    name: str
    about: str
    kind: Kind = "text"
    many: bool = False
    choices: tuple[str, ...] = ()
    least: int = 1
    most: int = 1_000
    longest: int = LONGEST
    default: str | int | None = None
    required: bool = False

    def schema(self) -> dict[str, Any]:
        """Of one value, as JSON Schema."""
        match self.kind:
            case "count":
                one: dict[str, Any] = {"type": "integer", "minimum": self.least, "maximum": self.most}
            case "moment":
                one = {"type": "string", "format": "date-time"}
            case "label":
                one = {"type": "string", "pattern": LABEL, "maxLength": self.longest}
            case "page":
                one = {"type": "string", "pattern": paging.PATTERN}
            case "cursor":
                one = {"type": "string", "pattern": cursor.PATTERN, "maxLength": self.longest}
            case "text":
                one = {"type": "string", "enum": list(self.choices)} if self.choices else {"type": "string", "minLength": 1}
                one |= {} if self.choices else {"maxLength": self.longest}
        if self.many:
            return {"type": "array", "items": one, "maxItems": MOST}
        return one | ({} if self.default is None else {"default": self.default})


def read(parameters: Sequence[Parameter], given: Iterable[tuple[str, str]]) -> Query | list[Fault]:
    """The values of a query string, or everything that is wrong with it. Nothing that is given is ignored in silence."""
    by_name = {parameter.name: parameter for parameter in parameters}
    texts: dict[str, list[str]] = {name: [] for name in by_name}
    faults: list[Fault] = []
    for name, text in given:
        if name in by_name:
            texts[name].append(text)
        else:
            faults.append(_fault(name[:LONGEST], _unknown(name, by_name)))
    values: dict[str, Any] = {}
    for parameter in parameters:
        try:
            values[parameter.name] = _values(parameter, texts[parameter.name])
        except ValueError as error:
            faults.append(_fault(parameter.name, str(error)))
    return faults or values


def _values(parameter: Parameter, texts: list[str]) -> Any:
    if not parameter.many and len(texts) > 1:
        raise ValueError("it may be given once")
    if len(texts) > MOST:
        raise ValueError(f"it may be given at most {MOST} times")
    if parameter.required and not texts:
        raise ValueError("it is needed")
    found = tuple(_value(parameter, text) for text in texts)
    if parameter.many:
        return found
    return found[0] if found else parameter.default


def _value(parameter: Parameter, text: str) -> Any:
    """One value. ValueError where it cannot be used: the end of a sentence."""
    if not text or len(text) > parameter.longest:
        raise ValueError(f"expected 1 to {parameter.longest} characters")
    return _READERS[parameter.kind](parameter, text)


def _text(parameter: Parameter, text: str) -> str:
    if parameter.choices and text not in parameter.choices:
        raise ValueError(f"expected one of {', '.join(parameter.choices)}")
    return text


def _label(_: Parameter, text: str) -> tuple[str, str]:
    if re.match(LABEL, text) is None:
        raise ValueError("expected a label and its value, as in team=migration")
    return text[: text.index("=")], text[text.index("=") + 1 :]


def _count(parameter: Parameter, text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not parameter.least <= int(text) <= parameter.most:
        raise ValueError(f"expected a whole number from {parameter.least} to {parameter.most}")
    return int(text)


def _moment(_: Parameter, text: str) -> datetime:
    parsed = parse_time(text)
    if parsed is None:
        raise ValueError("expected a date or time, as in 2024-01-31 or 2024-01-31T12:00:00Z")
    return parsed[0]


def _page(_: Parameter, text: str) -> paging.Place:
    place = paging.read(text)
    if place is None:
        raise ValueError("expected `next` of an earlier answer")
    return place


def _cursor(_: Parameter, text: str) -> cursor.Cursor:
    found = cursor.read(text)
    if found is None:
        raise ValueError("expected `cursor` of an answer, or the id of an event")
    return found


_READERS: dict[Kind, Callable[[Parameter, str], Any]] = {
    "text": _text,
    "label": _label,
    "count": _count,
    "moment": _moment,
    "page": _page,
    "cursor": _cursor,
}


def _fault(name: str, detail: str) -> Fault:
    return Fault(where="query", name=name, detail=detail)


def _unknown(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name[:LONGEST], known, n=1)
    return f"there is no such parameter; did you mean {near[0]}?" if near else "there is no such parameter"
