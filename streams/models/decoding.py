"""From word vectors to names: what spaCy's recogniser decides, word by word from left to right, decided for a whole batch at once.

spaCy's part for names is an automaton. At each word it takes the best of the moves allowed: the word is out (O), is a name by itself
(U), or begins one (B); inside a name it goes on (I) or is its last (L). What it sees is the word, the first word of the open name and the
word before. So while no name is open, a move depends on the word alone, and one matrix product decides it for every word; only names
of several words are followed word by word, all at the same time. The decisions are spaCy's own (tests/models/test_english.py compares
them), at a tenth of the time: its loop takes and gives back the interpreter's lock several times a word.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Decoder", "Name"]

Floats = NDArray[np.float32]
Places = NDArray[np.intp]
Flags = NDArray[np.bool_]
Name = tuple[int, int, str, float]
"""First and last word, both inclusive, counted within their text; label; probability."""

NEVER = np.float32(-np.inf)


@dataclass(frozen=True, slots=True)
class Moves:
    """Where the moves stand among the scores. A label's number is its place in `labels`; O and moves without a label have -1."""

    labels: tuple[str, ...]
    label: Places
    begin: Flags
    unit: Flags
    out: Flags
    inside: Places
    """Label number -> its move I."""
    last: Places
    """Label number -> its move L."""

    @classmethod
    def of(cls, names: Sequence[str]) -> "Moves":
        """From the names of all moves, in order: "B-ORG", "O", ..."""
        labels = tuple(sorted({name[2:] for name in names if name[2:]}))
        kinds = np.array([name[0] if name[2:] or name == "O" else "" for name in names])
        return cls(
            labels,
            np.array([labels.index(name[2:]) if name[2:] else -1 for name in names]),
            kinds == "B",
            kinds == "U",
            kinds == "O",
            np.array([names.index(f"I-{label}") for label in labels]),
            np.array([names.index(f"L-{label}") for label in labels]),
        )


class Decoder:
    """The automaton of one model. `wanted`: the labels to give back; the others are followed and left out."""

    def __init__(self, moves: Moves, lower: tuple[Floats, Floats, Floats], upper: tuple[Floats, Floats], wanted: Collection[str]) -> None:
        self._moves = moves
        weights, self._bias, pad = lower
        self._shape = weights.shape[:3]
        self._weights = weights.reshape(-1, weights.shape[3]).T.copy()
        self._no_name = pad[1] + pad[2] + self._bias
        self._scores, self._scores_bias = upper[0].T.copy(), upper[1]
        self._wanted = frozenset(moves.labels.index(label) for label in wanted)

    @classmethod
    def of(cls, pipe: Any, wanted: Collection[str]) -> "Decoder":
        """From spaCy's pipe "ner"."""
        lower, upper = pipe.model.get_ref("lower"), pipe.model.get_ref("upper")
        names = [pipe.moves.get_class_name(number) for number in range(pipe.moves.n_moves)]
        weights = (lower.get_param("W"), lower.get_param("b"), lower.get_param("pad")[0])
        return cls(Moves.of(names), weights, (upper.get_param("W"), upper.get_param("b")), wanted)

    def decode(self, vectors: Floats, blank: Flags, ends: Sequence[int]) -> list[list[Name]]:
        """The names in texts that stand one after another in `vectors`, a row a word; `ends`: after how many rows each text ends.

        `blank` says which words are white space: no name begins there.
        """
        features = (vectors @ self._weights).reshape(len(vectors), *self._shape)
        final = np.zeros(len(vectors), np.bool_)
        final[[end - 1 for end in ends if end]] = True
        scores = self._between(features, blank, final)
        chosen = scores.argmax(1)
        begins = np.nonzero(self._moves.begin[chosen])[0]
        chances = _probability(scores, chosen)
        last = np.arange(len(vectors))
        last[begins], followed = self._follow(features, begins, self._moves.label[chosen[begins]], final)
        chances[begins] *= followed
        return self._names(chosen, last, chances, ends)

    def _between(self, features: Floats, blank: Flags, final: Flags) -> Floats:
        """The scores of the moves at each word if no name is open there."""
        moves = self._moves
        scores = self._scored(features[:, 0] + self._no_name)
        scores[:, ~(moves.begin | moves.unit | moves.out)] = NEVER
        scores[np.ix_(final, moves.begin)] = NEVER
        scores[np.ix_(blank, moves.begin | moves.unit)] = NEVER
        return scores

    def _follow(self, features: Floats, begins: Places, labels: Places, final: Flags) -> tuple[Places, Floats]:
        """The last words of the names that begin at `begins`, and how probable the moves after the first were."""
        lasts, chances = begins.copy(), np.ones(len(begins), np.float32)
        open_ = np.arange(len(begins))
        while len(open_):
            here = lasts[open_] + 1
            scores = self._scored(features[here, 0] + features[begins[open_], 1] + features[here - 1, 2] + self._bias)
            rows = np.arange(len(open_))
            on = scores[rows, self._moves.inside[labels[open_]]]
            over = scores[rows, self._moves.last[labels[open_]]]
            on[final[here]] = NEVER
            goes_on = on > over
            chances[open_] *= 1 / (1 + np.exp(-np.abs(on - over)))
            lasts[open_] = here
            open_ = open_[goes_on]
        return lasts, chances

    def _scored(self, hidden: Floats) -> Floats:
        """Scores of all moves from the sums of the features: (n, hidden, pieces) -> (n, moves)."""
        scores: Floats = reduce(np.maximum, np.moveaxis(hidden, -1, 0)) @ self._scores + self._scores_bias
        return scores

    def _names(self, chosen: Places, last: Places, chances: Floats, ends: Sequence[int]) -> list[list[Name]]:
        """From left to right: what begins inside a name is none."""
        found: list[list[Name]] = [[] for _ in ends]
        labels, text, free = self._moves.label[chosen], 0, 0
        for word in np.nonzero(labels >= 0)[0].tolist():
            if word < free:
                continue
            free = int(last[word]) + 1
            while word >= ends[text]:
                text += 1
            label = int(labels[word])
            if label in self._wanted:
                start = ends[text - 1] if text else 0
                found[text].append((word - start, free - 1 - start, self._moves.labels[label], round(float(chances[word]), 2)))
        return found


def _probability(scores: Floats, chosen: Places) -> Floats:
    """Of the chosen move of each row, among those that were allowed."""
    top = scores[np.arange(len(scores)), chosen]
    chances: Floats = 1 / np.exp(scores - top[:, None]).sum(1)
    return chances
