"""A document becomes an enriched one, and its claims become records for the topic `claims`."""

from collections.abc import Sequence
from dataclasses import replace

from schemas.article import Document
from schemas.claims import ClaimRecord, Revision
from schemas.enriched import Enriched
from streams.core.claims import Reading, read
from streams.core.effort import Entities
from streams.core.entities import home
from streams.core.lexicon import strings, table
from streams.core.naming import Named, Recognize, name_all
from streams.core.origin import signature

_WORDS = table("corrections")
_OPENINGS = strings("corrections", _WORDS, "correction.opening") + strings("corrections", _WORDS, "withdrawal.opening")


def enrich(document: Document) -> Enriched:
    """What the figures of `document` say; no entities. Deterministic.

    A text that says that it corrects or withdraws an earlier one, but has no version, gets the time of its publication for one.
    """
    document = _dated(document)
    return _enriched(document, _read(document), Named(()))


def enrich_all(documents: Sequence[Document], entities: Entities, recognize: Recognize) -> list[Enriched]:
    """Everything that each of `documents`; `recognize` is asked at most once, where `entities` wants it."""
    documents = [_dated(document) for document in documents]
    readings = [_read(document) for document in documents]
    texts, claims = [document.text for document in documents], [reading.claims for reading in readings]
    named = name_all(texts, claims, entities, recognize, [home(document.url) for document in documents])
    return [_enriched(*parts) for parts in zip(documents, readings, named, strict=True)]


def _dated(document: Document) -> Document:
    if document.version == 1 and _takes_back(document):
        return replace(document, version=max(2, int(document.published.timestamp())))
    return document


def _read(document: Document) -> Reading:
    return read(document.text, published=document.published.date(), document=document.id, version=document.version, title=document.title)


def _enriched(document: Document, reading: Reading, named: Named) -> Enriched:
    return Enriched(
        document=document.id,
        version=document.version,
        title=document.title,
        url=document.url,
        publisher=document.publisher,
        language=document.language,
        published=document.published,
        precision=document.precision,
        ingested=document.ingested,
        flags=(*document.flags, "entities_cut") if named.cut else document.flags,
        signature=signature(document.text) if any(claim.family for claim in reading.claims) else (),
        quantities=reading.quantities,
        claims=reading.claims,
        entities=named.entities,
    )


def records(enriched: Enriched) -> tuple[tuple[str, ClaimRecord], ...]:
    """The records for `claims`, each with its key (the indicator's family). Claims of no indicator stay with the document."""
    return tuple(
        (
            claim.family,
            ClaimRecord(
                document=enriched.document,
                version=enriched.version,
                title=enriched.title,
                url=enriched.url,
                publisher=enriched.publisher,
                published=enriched.published,
                precision=enriched.precision,
                ingested=enriched.ingested,
                signature=enriched.signature,
                claim=claim,
            ),
        )
        for claim in enriched.claims
        if claim.family is not None
    )


def revision(enriched: Enriched) -> Revision | None:
    """What tells every partition that this version replaces the ones before it; None for a first version."""
    if enriched.version == 1:
        return None
    return Revision(
        document=enriched.document,
        version=enriched.version,
        published=enriched.published,
        ingested=enriched.ingested,
        claims=tuple(claim.claim_id for claim in enriched.claims if claim.family),
    )


def _takes_back(document: Document) -> bool:
    """Does the title or the text open with the words of a correction or a withdrawal?"""
    openings = (" ".join((text or "")[:200].split()).lower() for text in (document.title, document.text))
    return any(opening.startswith(_OPENINGS) for opening in openings)
