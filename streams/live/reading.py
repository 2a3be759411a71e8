"""The reading process: bytes of articles in, bytes of records out. A child process does it, so that nothing in the worker waits for it.

What runs in the child stands here and knows neither Faust nor asyncio; `readahead` talks to it.
"""

import signal
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from time import perf_counter

from schemas.article import Article, Document, Flag
from schemas.codec import SchemaError, decode, encode
from schemas.enriched import Enriched
from schemas.figure import Bound
from streams.core.effort import Entities
from streams.core.enrich import enrich_all, records, revision
from streams.core.entities import add
from streams.core.intake import Rejected, receive
from streams.models import recogniser
from streams.ports import Recogniser

__all__ = ["Answer", "Batch", "Failed", "Read", "Reader", "serve"]

Batch = Sequence[tuple[bytes | None, datetime]]
"""Records of `articles`: the value and the timestamp of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What is to be published of one article, as bytes, and what is counted of it."""

    document: str
    enriched: bytes
    claims: tuple[tuple[str, bytes], ...]
    """Each with its key, the indicator's family."""
    revision: bytes | None
    figures: int
    flags: tuple[Flag, ...]
    reported: tuple[tuple[str, Bound], ...]
    """Indicator and bound of each of `claims`."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An unexpected exception, told: the fault is ours. `trace` is for the log."""

    error: str
    trace: str = ""


Answer = Read | Rejected | Failed


class Reader:
    """Reads batches of articles."""

    def __init__(self, recogniser: Recogniser, entities: Entities, max_text: int) -> None:
        self._recogniser = recogniser
        self._entities = entities
        self._max_text = max_text

    def read(self, batch: Batch) -> list[Answer]:
        """An answer for each of `batch`, in order. Never raises: where something goes wrong, each is read alone and answers for itself."""
        try:
            received = [self._received(*item) for item in batch]
            documents = [document for document in received if isinstance(document, Document)]
            enriched = iter(enrich_all(documents, self._entities, self._recogniser.recognize))
            return [_told(next(enriched)) if isinstance(document, Document) else document for document in received]
        except Exception as error:
            if len(batch) > 1:
                return [answer for item in batch for answer in self.read([item])]
            return [Failed(f"{type(error).__name__}: {error}"[:500], traceback.format_exc())]

    def _received(self, value: bytes | None, moment: datetime) -> Document | Rejected:
        try:
            article = decode(value, Article)
        except SchemaError as error:
            return Rejected(error.reason, str(error))
        return receive(article, timestamp=moment, max_text=self._max_text)


def _told(enriched: Enriched) -> Read:
    found = records(enriched)
    later = revision(enriched)
    return Read(
        document=enriched.document,
        enriched=encode(enriched),
        claims=tuple((family, encode(record)) for family, record in found),
        revision=encode(later) if later else None,
        figures=len(enriched.quantities),
        flags=enriched.flags,
        reported=tuple((record.claim.indicator or "", record.claim.bound) for _, record in found),
    )


def serve(pipe: Connection, entities: Entities, max_text: int, names: str) -> None:
    """The child's whole life: load, say so with None, then answer batches with (answers, seconds) until the worker closes or is gone.

    Signals to the group are the worker's business; that it has ended, even by kill -9, is read off the pipe.
    """
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    if names:
        add(names, "names")
    reader = Reader(recogniser(entities), entities, max_text)
    try:
        pipe.send(None)
        while True:
            batch = pipe.recv()
            started = perf_counter()
            answers = reader.read(batch)
            pipe.send((answers, perf_counter() - started))
    except (EOFError, OSError):
        return
