"""The records of the topic `claims`, keyed by indicator family."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schemas.article import Precision
from schemas.figure import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRecord:
    """One claim with what a rule needs to judge it without the article at hand."""

    schema: str = "claim/1"
    type: Literal["claim"] = "claim"
    document: str
    version: int
    title: str | None
    url: str | None
    publisher: str | None
    published: datetime
    precision: Precision
    ingested: datetime
    signature: tuple[int, ...]
    claim: Claim
