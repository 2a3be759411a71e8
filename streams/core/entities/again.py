"""Names that the text has named before: found again in the same words, in capitals, or by their initials."""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace

from ahocorasick_rs import AhoCorasick, MatchKind

from schemas.figure import EntityType
from streams.core.entities.merge import SURE, Named, without_overlaps

__all__ = ["again"]

_WORD = re.compile(r"[^\W\d_][\w'’&-]*")
_BRACKET = re.compile(r"\s\(([A-Z][A-Z0-9]{1,7})\)")
_SMALL = frozenset({"of", "for", "and", "the", "on", "in", "to", "de", "du", "des", "del", "la", "&"})


def again(text: str, found: Sequence[Named]) -> list[Named]:
    """The names, and where else the text has them. What a name of several words holds ("New Zealand" in "Air New Zealand") yields to it."""
    found = _agreed(text, found)
    known = _known(text, found)
    if not known:
        return list(found)
    stays = {(named.start, named.end) for named in found if named.how == "listed" or " " in text[named.start : named.end]}
    more = list(_repeated(text, known, stays - {(named.start, named.end) for named in found if named.how == "loose"}))
    return without_overlaps([*more, *found], last="loose") if more else list(found)


def _agreed(text: str, found: Sequence[Named]) -> Sequence[Named]:
    """The names with one type for the same words that only the model found: the one of which it was surest in all."""
    votes: dict[str, dict[EntityType, float]] = {}
    for named in found:
        if named.how == "model":
            types = votes.setdefault(text[named.start : named.end], {})
            types[named.type] = types.get(named.type, 0) + named.score
    split = {quote: max(types, key=lambda kind: types[kind]) for quote, types in votes.items() if len(types) > 1}
    if not split:
        return found
    return [replace(one, type=split.get(text[one.start : one.end], one.type)) if one.how == "model" else one for one in found]


def _known(text: str, found: Sequence[Named]) -> Mapping[str, Named]:
    """What names somebody or something wherever it stands: names of several words that no lexicon lists, persons' in capitals as well, and
    short forms of organisations: their initials ("RCMP" of "Royal Canadian Mounted Police"), or what stands in brackets after one."""
    known: dict[str, Named] = {}
    for named in found:
        quote = text[named.start : named.end]
        if " " not in quote:
            continue
        if named.how in ("shape", "model") and named.score >= SURE:
            known.setdefault(quote, named)
            if named.type == "person":
                known.setdefault(quote.upper(), named)
        if named.type == "organisation":
            bracket = _BRACKET.match(text, named.end)
            initials = "".join(word[0] for word in _WORD.findall(quote) if word not in _SMALL).upper()
            if bracket is not None and bracket[1][0] == initials[:1]:
                known.setdefault(bracket[1], named)
            if len(initials) > 2:
                known.setdefault(initials, named)
    return known


def _repeated(text: str, known: Mapping[str, Named], taken: Container[tuple[int, int]]) -> Iterator[Named]:
    quotes = list(known)
    for number, start, end in AhoCorasick(quotes, matchkind=MatchKind.LeftmostLongest).find_matches_as_indexes(text):
        named = known[quotes[number]]
        inside = text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()
        if not inside and (start, end) not in taken and (start > named.start or " " in quotes[number]):
            yield replace(named, start=start, end=end)
