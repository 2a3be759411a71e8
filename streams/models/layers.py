"""From the vector of each word by itself to what the model decides by: four layers, in each of which a word meets the words beside it.

They compute what spaCy's layers compute, without what those keep for training and with each array read as it lies in memory.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Layers"]

Floats = NDArray[np.float32]


class Layer(NamedTuple):
    """Of several candidates for each number the largest, brought to mean 0 and spread 1 within a word."""

    weights: Floats
    """All first candidates beside each other, then all second ones, ..."""
    bias: Floats
    candidates: int
    scale: Floats
    shift: Floats

    @classmethod
    def of(cls, layer: Any) -> "Layer":
        """From spaCy's."""
        _, candidates, norm, _ = (part for part in layer.walk(order="dfs_pre") if not part.layers)
        weights, bias = candidates.get_param("W"), candidates.get_param("b")
        wide = weights.transpose(2, 1, 0).reshape(weights.shape[2], -1)
        return cls(wide.copy(), bias.T.ravel(), bias.shape[1], norm.get_param("G"), norm.get_param("b"))

    def answer(self, windows: Floats) -> Floats:
        """What is added to the vector in the middle of each row of three."""
        found = windows @ self.weights
        found += self.bias
        best: Floats
        best, *others = np.split(found, self.candidates, axis=1)
        for other in others:
            best = np.maximum(best, other)
        best -= best.mean(axis=1, keepdims=True)
        best *= ((best * best).mean(axis=1, keepdims=True) + np.float32(1e-8)) ** -0.5
        best *= self.scale
        best += self.shift
        return best


class Layers:
    """The layers of one model, and the matrix at their end."""

    def __init__(self, layers: Sequence[Layer], weights: Floats, bias: Floats) -> None:
        self._layers, self._weights, self._bias = layers, weights, bias

    @classmethod
    def of(cls, pipe: Any) -> "Layers":
        """From spaCy's pipe "ner"."""
        words, _, last = pipe.model.get_ref("tok2vec").layers
        layers = [Layer.of(layer) for layer in words.layers[1].layers[0].layers]
        return cls(layers, last.get_param("W").T.copy(), last.get_param("b"))

    def read(self, vectors: Floats, until: Sequence[int]) -> Floats:
        """`vectors` of the words of texts one after another, of which each ends after `until` words. Between two texts stands nothing."""
        apart, width = len(self._layers), vectors.shape[1]
        places = np.arange(len(vectors)) + apart * np.repeat(np.arange(1, len(until) + 1), np.diff(until, prepend=0))
        rows = np.zeros((len(vectors) + apart * (len(until) + 1), width), np.float32)
        rows[places] = vectors
        windows = np.zeros((len(rows), 3 * width), np.float32)
        for layer in self._layers:
            windows[1:, :width], windows[:, width : 2 * width], windows[:-1, 2 * width :] = rows[:-1], rows, rows[1:]
            rows += layer.answer(windows)
        found: Floats = rows[places] @ self._weights
        found += self._bias
        return found
