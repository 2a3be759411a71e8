"""A document becomes an enriched one, and its claims become records for the topic `claims`."""

from collections.abc import Callable

from schemas.article import Document
from schemas.claims import ClaimRecord
from schemas.enriched import Enriched
from schemas.figure import Entity
from streams.core.claims import read
from streams.core.origin import signature

Recogniser = Callable[[str], tuple[Entity, ...]]


def enrich(document: Document, recognise: Recogniser | None = None) -> Enriched:
    """Everything that can be read from `document`; entities only with `recognise`. Deterministic."""
    reading = read(document.text, published=document.published.date(), document=document.id, version=document.version, title=document.title)
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
        flags=document.flags,
        signature=signature(document.text) if any(claim.indicator for claim in reading.claims) else (),
        quantities=reading.quantities,
        claims=reading.claims,
        entities=recognise(document.text) if recognise else (),
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
