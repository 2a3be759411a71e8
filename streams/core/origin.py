"""Which stories are one: copies and rewrites of one wire story share an origin.

The signature is a MinHash of the text's word shingles (Broder 1997: the share of equal components estimates the Jaccard
similarity of two shingle sets). Candidates meet in bands (locality-sensitive hashing), so that a look-up does not grow
with the number of origins; they are then compared in full.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from rensa import RMinHash

COMPONENTS = 64
SHINGLE = 5
ROWS = 2
"""Rows a band: with 32 bands of 2 rows a pair of similarity 0.4 meets with probability 0.996."""
SIMILAR = 0.4
"""Share of equal components from which two texts are one origin."""
_WORDS = re.compile(r"\w+")

Signature = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One story: the signature of the first text seen of it. The first assignment stands."""

    id: str
    signature: Signature
    published: datetime


def signature(text: str) -> Signature:
    """The MinHash of `text`: `COMPONENTS` unsigned 32-bit numbers. Case, punctuation and line breaks do not matter."""
    words = _WORDS.findall(text.lower())
    shingles = [" ".join(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))]
    minhash = RMinHash(num_perm=COMPONENTS, seed=1)
    minhash.update(shingles)
    return tuple(minhash.digest())


def similarity(one: Signature, other: Signature) -> float:
    """Share of equal components, an estimate of the Jaccard similarity of the two texts."""
    if not one or len(one) != len(other):
        return 0.0
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)


def origin_id(document: str) -> str:
    """The id of the origin that `document` opens."""
    return str(uuid5(NAMESPACE_URL, f"newsgauge:origin:{document}"))


class OriginIndex:
    """The origins of one partition by band. A cache: it can be rebuilt from the origins at any time, with the same answers."""

    def __init__(self, origins: Iterable[Origin] = ()) -> None:
        self._bands: dict[tuple[int, Signature], list[Origin]] = {}
        for origin in origins:
            self.add(origin)

    def add(self, origin: Origin) -> None:
        for band in _bands(origin.signature):
            self._bands.setdefault(band, []).append(origin)

    def discard(self, origin: Origin) -> None:
        for band in _bands(origin.signature):
            kept = [other for other in self._bands.get(band, []) if other.id != origin.id]
            if kept:
                self._bands[band] = kept
            else:
                self._bands.pop(band, None)

    def find(self, signature: Signature, since: datetime) -> Origin | None:
        """The most similar origin published at `since` or later that is similar enough; of equals the earliest, then the smallest id."""
        near = (origin for band in _bands(signature) for origin in self._bands.get(band, []))
        candidates = {origin.id: origin for origin in near if origin.published >= since}
        ranked = sorted(
            ((-similarity(signature, origin.signature), origin.published, origin.id) for origin in candidates.values()),
        )
        if not ranked or -ranked[0][0] < SIMILAR:
            return None
        return candidates[ranked[0][2]]


def _bands(signature: Signature) -> list[tuple[int, Signature]]:
    return [(row, signature[row : row + ROWS]) for row in range(0, len(signature), ROWS)]
