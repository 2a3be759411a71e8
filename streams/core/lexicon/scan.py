"""Many phrases looked up in one pass over a list of words.

Each phrase belongs to a layer (say "cue" or "office"); within a layer the longest phrase at a place wins and matches do not overlap, and
the layers do not disturb each other. One dictionary look-up a word, so the time grows with the text and not with the number of phrases.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

__all__ = ["Hit", "Scanner"]


class Hit(NamedTuple):
    """A phrase found at the words ``[first, last)``, with all that was entered for it, in the order of entry."""

    first: int
    last: int
    values: tuple[Any, ...]


class Scanner:
    """A compiled set of phrases. `entries` are (layer, words of the phrase, value); equal phrases of a layer keep all their values."""

    __slots__ = ("_layers", "_table")

    def __init__(self, layers: Sequence[str], entries: Iterable[tuple[str, tuple[str, ...], Any]]) -> None:
        self._layers = tuple(layers)
        number = {name: index for index, name in enumerate(layers)}
        grouped: dict[tuple[int, tuple[str, ...]], list[Any]] = {}
        for layer, words, value in entries:
            if not words:
                raise ValueError(f"empty phrase in layer {layer}")
            grouped.setdefault((number[layer], words), []).append(value)
        singles: dict[str, list[tuple[int, tuple[Any, ...]]]] = {}
        longer: dict[str, dict[str, list[tuple[int, int, tuple[str, ...], tuple[Any, ...]]]]] = {}
        for (layer_number, words), values in grouped.items():
            if len(words) == 1:
                singles.setdefault(words[0], []).append((layer_number, tuple(values)))
            else:
                longer.setdefault(words[0], {}).setdefault(words[1], []).append((layer_number, len(words), words[2:], tuple(values)))
        for seconds in longer.values():
            for options in seconds.values():
                options.sort(key=lambda option: -option[1])
        self._table = {first: (longer.get(first, {}), singles.get(first, [])) for first in {**longer, **singles}}

    def scan(self, words: Sequence[str]) -> dict[str, list[Hit]]:
        """The hits of each layer, in order of place. `words` are lower-case."""
        found: list[list[Hit]] = [[] for _ in self._layers]
        until = [0] * len(self._layers)
        last = len(words) - 1
        for index, options in enumerate(map(self._table.get, words)):
            if options is None:
                continue
            longer, singles = options
            if longer and index < last:
                for layer, length, rest, values in longer.get(words[index + 1], ()):
                    if index >= until[layer] and (length < 3 or tuple(words[index + 2 : index + length]) == rest):
                        found[layer].append(Hit(index, index + length, values))
                        until[layer] = index + length
            for layer, values in singles:
                if index >= until[layer]:
                    found[layer].append(Hit(index, index + 1, values))
                    until[layer] = index + 1
        return dict(zip(self._layers, found, strict=True))
