"""The words of texts, each with what the model knows of it by itself.

The model cuts a stretch between blanks into words without a look at what stands beside it, and its first layers make a vector of a word's
letters alone. So each is done once, and remembered.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["ROWS", "Read", "Words"]

ROWS = 50_000
"""Vectors and stretches that are remembered at once, at 1 kB or so for both."""
_STRETCH = re.compile(r"\S+|\s+")


class Read(NamedTuple):
    """The words of several texts, one after another."""

    vectors: NDArray[np.float32]
    blank: NDArray[np.bool_]
    """Which of them are white space."""
    starts: list[int]
    """Where each word begins and ends, in characters of its text."""
    ends: list[int]
    until: list[int]
    """After how many words each text ends."""


class Words:
    """`load` gives the pipeline of spaCy's that reads them, and another after `renew_after` different words."""

    def __init__(self, load: Callable[[], Any], renew_after: int) -> None:
        self._load, self._renew_after = load, renew_after
        self._renew()
        self._vectors, self._blank = np.empty((ROWS, self._mix.get_dim("nO")), np.float32), np.empty(ROWS, np.bool_)
        self._forget()

    def _renew(self) -> None:
        self._nlp = self._load()
        self._features, _, self._embed, self._mix, _ = self.names.model.get_ref("tok2vec").layers[0].layers[0].layers

    @property
    def names(self) -> Any:
        """The pipeline's part for names."""
        return self._nlp.get_pipe("ner")

    def _forget(self) -> None:
        self._stretches: dict[str, tuple[tuple[int, int, int], ...]] = {}
        """Where each word of a stretch begins and ends in it, and its row."""
        self._rows: dict[tuple[int, ...], int] = {}
        """The row of what the model sees of a word."""

    def read(self, texts: Sequence[str]) -> Read:
        """The words of texts of no more than ROWS characters together."""
        inside = [list(_stretches(text)) for text in texts]
        self._learn([stretch for found in inside for _, stretch in found])
        starts, ends, rows, until = list[int](), list[int](), list[int](), list[int]()
        for found in inside:
            for at, stretch in found:
                for start, end, row in self._stretches[stretch]:
                    starts.append(at + start)
                    ends.append(at + end)
                    rows.append(row)
            until.append(len(rows))
        return Read(self._vectors[rows], self._blank[rows], starts, ends, until)

    def _learn(self, stretches: Sequence[str]) -> None:
        """See to it that all of them are known."""
        new = self._new(stretches)
        if max(len(self._stretches), len(self._rows)) + sum(map(len, new)) > ROWS:
            self._forget()
            new = self._new(stretches)
        if new:
            with self._nlp.memory_zone():
                self._take(new)
            if len(self._nlp.vocab) > self._renew_after:
                self._renew()

    def _new(self, stretches: Iterable[str]) -> list[str]:
        return list(dict.fromkeys(stretch for stretch in stretches if stretch not in self._stretches))

    def _take(self, new: Sequence[str]) -> None:
        docs = [self._nlp.make_doc(stretch) for stretch in new]
        rows = iter(self._rows_of(np.concatenate(self._features.predict(docs))))
        for stretch, doc in zip(new, docs, strict=True):
            words = tuple((word.idx, word.idx + len(word), next(rows)) for word in doc)
            self._blank[[row for _, _, row in words]] = stretch.isspace()
            self._stretches[stretch] = words

    def _rows_of(self, features: NDArray[np.uint64]) -> list[int]:
        """The row of each word by what the model sees of it; what it has not seen before is given one."""
        seen = list(map(tuple, features.tolist()))
        fresh = {word: at for at, word in enumerate(seen) if word not in self._rows}
        first = len(self._rows)
        self._rows.update(zip(fresh, count(first), strict=False))
        if fresh:
            self._vectors[first : len(self._rows)] = self._mix.predict(self._embed.predict(features[list(fresh.values())]))
        return [self._rows[word] for word in seen]


def _stretches(text: str) -> Iterator[tuple[int, str]]:
    """Each stretch of words or of blanks, and where it begins. A single space after a word is none: spaCy counts it to the word."""
    for found in _STRETCH.finditer(text):
        start, stretch = found.start(), found.group()
        if stretch[0] == " " and start:
            if len(stretch) > 1:
                yield start + 1, stretch[1:]
        else:
            yield start, stretch
