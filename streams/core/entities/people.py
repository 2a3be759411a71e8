"""People within one article: later mentions of a family name are the person named in full before."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from streams.core.entities.fold import fold
from streams.core.entities.merge import Named

__all__ = ["resolved"]

_SUFFIX = frozenset({"jr", "sr", "ii", "iii", "iv"})


def resolved(text: str, found: Sequence[Named]) -> list[Named]:
    """The names with each person's full name; a loose word or a listed word that is a known person's family name becomes that person."""
    full = _full_names(text, found)
    return [item for named in found if (item := _person(text, named, full)) is not None]


def _full_names(text: str, found: Sequence[Named]) -> Mapping[str, list[tuple[int, str]]]:
    """Family name (folded) -> where each person of that name is first named in full, and how; given names too, where they are alone."""
    full: dict[str, list[tuple[int, str]]] = {}
    for named in found:
        if named.type != "person" or named.how == "loose":
            continue
        name = " ".join(text[named.start : named.end].split())
        words = [word for word in fold(name).split() if word not in _SUFFIX]
        if len(words) < 2:
            continue
        for key in {words[-1], " ".join(words[1:]), " ".join(words)}:
            known = full.setdefault(key, [])
            if fold(name) not in (fold(other) for _, other in known):
                known.append((named.start, name))
    return full


def _person(text: str, named: Named, full: Mapping[str, list[tuple[int, str]]]) -> Named | None:
    key = fold(text[named.start : named.end])
    known = _before(full.get(key, ()), named.start)
    name = known[-1] if known else ""
    flags = ("ambiguous",) if len(known) > 1 else ()
    if named.type == "person" and named.how != "loose":
        if " " not in key and not known:
            return replace(named, name=" ".join(text[named.start : named.end].split()))
        return replace(named, name=name or " ".join(text[named.start : named.end].split()), flags=flags)
    if not known:
        return None if named.how == "loose" else named
    if named.how == "loose" or (named.how in ("model", "shape") and " " not in key) or (named.how == "listed" and _weak(named)):
        return Named(named.start, named.end, "person", max(named.score, 0.7), named.how, name=name, flags=flags)
    return named


def _weak(named: Named) -> bool:
    """Is a listed name one that a person's family name overrules: not a country, and no office?"""
    return named.type == "place" and (named.id.isdigit() or not named.id or "-" in named.id)


def _before(known: Sequence[tuple[int, str]], start: int) -> list[str]:
    return [name for at, name in known if at < start]
