"""People within one article: later mentions of a family name are the person named in full before."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from streams.core.entities.fold import fold
from streams.core.entities.merge import SURE, Named

__all__ = ["resolved"]

_GIVEN = "given "
_JUNIOR = re.compile(r",? (?:Jr|Sr)\b\.?|,? I{2,3}\b|(?<= [JS]r)\.")
_NICK = re.compile(r"(?:“[A-Z][^”\n]{1,20}”|\"[A-Z][^\"\n]{1,20}\"|\([A-Z][a-z]+\)) [A-Z][\w-]+")
_GIVEN_BEFORE = re.compile(r"\b[A-Z][\w-]* \Z")

_SUFFIX = frozenset({"jr", "sr", "ii", "iii", "iv"})


def resolved(text: str, found: Sequence[Named]) -> list[Named]:
    """The names with each person's full name; a loose word or a listed word that is a known person's family name becomes that person."""
    found = _whole(text, found)
    full = _bearers(text, found)
    return [item for named in found if (item := _person(text, named, full)) is not None]


def _whole(text: str, found: Sequence[Named]) -> Sequence[Named]:
    """Persons with what belongs to their names: "Jr.", and a nickname between given and family name."""
    nicked = [
        (given.start(), nick.end())
        for nick in _NICK.finditer(text)
        if (given := _GIVEN_BEFORE.search(text, max(0, nick.start() - 20), nick.start())) is not None
    ]
    if not nicked and not any(suffix in text for suffix in (" Jr", " Sr", " II")):
        return found
    kept: list[Named] = []
    for named in found:
        at = bisect_right(nicked, (named.start, len(text))) - 1
        if at >= 0 and named.start < nicked[at][1] and named.how != "listed":
            start, end = nicked[at]
            named = replace(named, start=start, end=end, type="person", how="shape", score=max(named.score, SURE))
        if named.type == "person" and named.how != "loose" and (junior := _JUNIOR.match(text, named.end)) is not None:
            named = replace(named, end=junior.end())
        if not kept or kept[-1].end <= named.start:
            kept.append(named)
    return kept


@dataclass(slots=True)
class _Bearer:
    """One person of a name: in full, as first written; where that is; and how often the text has it in full."""

    name: str
    start: int
    count: int


_Bearers = Mapping[str, Mapping[str, _Bearer]]


def _bearers(text: str, found: Sequence[Named]) -> _Bearers:
    """Family name, and "given " and given name (folded) -> the persons of that name by their full names (folded)."""
    full: dict[str, dict[str, _Bearer]] = {}
    seen: dict[str, _Bearer] = {}
    for named in found:
        if named.type != "person" or named.how == "loose":
            continue
        name = fold(text[named.start : named.end])
        if (bearer := seen.get(name)) is not None:
            bearer.count += 1
            continue
        words = [word for word in name.split() if word not in _SUFFIX]
        if len(words) < 2:
            continue
        seen[name] = bearer = _Bearer(_written(text, named), named.start, 1)
        for key in (_GIVEN + words[0], words[-1], " ".join(words[1:]), name):
            full.setdefault(key, {})[name] = bearer
    return full


def _person(text: str, named: Named, full: _Bearers) -> Named | None:
    key = fold(text[named.start : named.end])
    bearers = full.get(key) or (full.get(_GIVEN + key) if named.how != "listed" else None) or {}
    known = [bearer for bearer in bearers.values() if bearer.start < named.start]
    name = max(known, key=lambda bearer: bearer.count).name if known else ""
    flags = ("ambiguous",) if len(known) > 1 else ()
    if named.type == "person" and named.how != "loose":
        return replace(named, name=name or _written(text, named), flags=flags)
    if not known:
        return None if named.how == "loose" else named
    if named.how == "loose" or (named.how in ("model", "shape") and " " not in key) or (named.how == "listed" and _weak(named)):
        return Named(named.start, named.end, "person", max(named.score, 0.7), named.how, name=name, flags=flags)
    return named


def _written(text: str, named: Named) -> str:
    return " ".join(text[named.start : named.end].split())


def _weak(named: Named) -> bool:
    """Is a listed name one that a person's family name overrules: not a country, and no office?"""
    return named.type == "place" and (named.id.isdigit() or not named.id or "-" in named.id)
