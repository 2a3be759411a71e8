"""What travels between processes: the records of every topic, and the one codec that knows their bytes.

    article.py      Article      `articles`           what a producer writes; only `text` is required
                    Document                          the same article once received: identified, dated, flagged
    figure.py       Quantity, Claim, Entity           what was read from a text
    enriched.py     Enriched     `articles.enriched`  a document with everything read from it
    claims.py       ClaimRecord  `claims`             one claim with what a rule needs to judge it
    alert.py        Alert        `alerts`             one transition of one alert
    delivery.py     OutboxEntry, Notified, Delivery, ...  the notifier's topics: to send, told, tried, silenced, disabled
    dead.py         DeadLetter   `articles.dead`      bytes as they came, and why they were refused
    trace.py        traceparent                       the W3C trace context in the headers of records
    codec.py        encode, decode                    orjson on the wire, types checked by msgspec
    publish.py      JSON Schema and AsyncAPI, generated into `schemas/json/`

Nothing here imports anything of `streams`.
"""

from schemas.alert import Alert
from schemas.article import Article, Document
from schemas.claims import ClaimRecord
from schemas.codec import SchemaError, decode, encode
from schemas.dead import DeadLetter
from schemas.enriched import Enriched
from schemas.figure import Attribution, Claim, Entity, Place, Quantity, Reference

__all__ = [
    "Alert",
    "Article",
    "Attribution",
    "Claim",
    "ClaimRecord",
    "DeadLetter",
    "Document",
    "Enriched",
    "Entity",
    "Place",
    "Quantity",
    "Reference",
    "SchemaError",
    "decode",
    "encode",
]
