"""Which stories are one: copies and rewrites of one wire story share an origin.

A fingerprint is a MinHash of the text's word shingles (Broder 1997: the share of equal components estimates the Jaccard
similarity of two shingle sets) with the number of shingles, from which follows how much of the shorter text stands in the longer:
a paper that prints half a story, or a long story with a wire's text inside, is the same origin still. Less of it is enough where
both print the same quotation: a rewrite keeps the quotes. Candidates are found by a dictionary of their first components, so that a
look-up does not compare with every origin.
"""

import re
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import eq
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5
from zlib import crc32

from rensa import RMinHash

COMPONENTS = 128
SHINGLE = 5
"""Words a shingle."""
BITS = 0xFFFF
"""Of each component 16 bits are kept: two that differ are equal once in 65,536."""
CONTAINED = 0.4
"""Share of the shorter text's shingles found in the longer, from which two texts are one origin."""
QUOTED = 0.25
"""The same for two texts that share a quotation."""
LEAST = 4
"""Equal components below which a similarity is noise."""
INDEXED = 48
"""Components by which a known origin is found..."""
HITS = 2
"""...and how many of them must be equal before the texts are compared: 0.96 of pairs with a Jaccard similarity of 0.1."""
QUOTE_SHINGLE = 10
"""Words in a row, inside quotation marks, that make a quotation recognisable."""
MAX_QUOTES = 24
_WORDS = re.compile(r"\w+")
_QUOTES = re.compile(r"[“\"]([^“”\"]{40,2000})[”\"]")

Signature = tuple[int, ...]
"""The number of distinct shingles, then the components, then up to MAX_QUOTES hashes of quoted words; empty for a text that says nothing
for the topic `claims`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One story: the signature of the first text seen of it. The first assignment stands."""

    id: str
    signature: Signature
    published: datetime


def signature(text: str) -> Signature:
    """The signature of `text`. Case, punctuation and line breaks do not matter."""
    words = _WORDS.findall(text.lower())
    shingles = set(map(" ".join, zip(*(words[i:] for i in range(SHINGLE)), strict=False))) or {" ".join(words)}
    minhash = RMinHash(num_perm=COMPONENTS, seed=1)
    minhash.update(list(shingles))
    return (len(shingles), *(component & BITS for component in minhash.digest()), *_quoted(text))


def _quoted(text: str) -> list[int]:
    """The least hashes (CRC-32) of the runs of QUOTE_SHINGLE words in quotation marks: texts that share a quotation share some."""
    hashes: set[int] = set()
    for quote in _QUOTES.findall(text):
        words = _WORDS.findall(quote.lower())
        hashes.update(crc32(" ".join(words[i : i + QUOTE_SHINGLE]).encode()) for i in range(len(words) - QUOTE_SHINGLE + 1))
    return sorted(hashes)[:MAX_QUOTES]


def contained(one: Signature, other: Signature) -> float:
    """The estimated share of the shorter text's shingles that the longer has too, 0 to 1."""
    if not one or not other:
        return 0.0
    return _share(sum(map(eq, _components(one), _components(other))), one[0], other[0])


def _alike(one: Signature, other: Signature, share: float) -> bool:
    if share >= CONTAINED or share < QUOTED:
        return share >= CONTAINED
    return not set(one[1 + COMPONENTS :]).isdisjoint(other[1 + COMPONENTS :])


def _components(signature: Signature) -> Signature:
    return signature[1 : 1 + COMPONENTS]


def _share(equal: int, size: int, other: int) -> float:
    if equal < LEAST:
        return 0.0
    similarity = equal / COMPONENTS
    return min(1.0, similarity * (size + other) / (1 + similarity) / min(size, other))


def origin_id(document: str) -> str:
    """The id of the origin that `document` opens."""
    return str(uuid5(NAMESPACE_URL, f"newsgauge:origin:{document}"))


class OriginIndex:
    """The origins of one partition, found by their first components. A cache: it can be rebuilt from the origins at any time, with
    the same answers. About 6 kB an origin.
    """

    def __init__(self, origins: Iterable[Origin] = ()) -> None:
        self._origins: dict[str, _Packed] = {}
        self._holders: dict[int, str | set[str]] = {}
        """Place and component as one number -> the origin that has it, or the origins."""
        for origin in origins:
            self.add(origin)

    def add(self, origin: Origin) -> None:
        if not origin.signature or origin.id in self._origins:
            return
        self._origins[origin.id] = _Packed(origin.published, array("L", origin.signature))
        for place in _places(origin.signature):
            held = self._holders.get(place)
            if held is None:
                self._holders[place] = origin.id
            elif isinstance(held, set):
                held.add(origin.id)
            else:
                self._holders[place] = {held, origin.id}

    def discard(self, origin: Origin) -> None:
        if self._origins.pop(origin.id, None) is None:
            return
        for place in _places(origin.signature):
            held = self._holders[place]
            if isinstance(held, set) and len(held) > 1:
                held.discard(origin.id)
            else:
                del self._holders[place]

    def find(self, signature: Signature, since: datetime) -> str | None:
        """The id of the origin published at `since` or later that is most like it, if like enough; of equals the earliest, then the
        least id."""
        if not signature:
            return None
        hits: Counter[str] = Counter()
        for place in _places(signature):
            held = self._holders.get(place)
            if held is not None:
                hits.update((held,) if isinstance(held, str) else held)
        found = []
        for name, count in hits.items():
            known = self._origins[name]
            if count >= HITS and known.published >= since:
                other = tuple(known.signature)
                share = contained(signature, other)
                if _alike(signature, other, share):
                    found.append((-share, known.published, name))
        return min(found)[2] if found else None


class _Packed(NamedTuple):
    """What the index keeps of an origin."""

    published: datetime
    signature: "array[int]"


def _places(signature: Signature) -> list[int]:
    return [place << 16 | component for place, component in enumerate(signature[1 : 1 + INDEXED])]
