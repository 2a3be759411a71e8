"""Dead letters: key and value stay untouched; why they were refused travels in headers."""

from dataclasses import dataclass
from datetime import datetime

Headers = tuple[tuple[str, bytes | None], ...]
"""Names and values; Kafka allows a header without a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """Why a record was refused and where it came from. `attempt` counts from 1 and grows with each redrive that failed again."""

    reason: str
    detail: str
    stage: str
    topic: str
    partition: int
    offset: int
    exception: str | None
    attempt: int
    first_failed: datetime
    program: str


_PREFIX = "newsgauge-"


def to_headers(letter: DeadLetter, original: Headers = ()) -> list[tuple[str, bytes | None]]:
    """The headers of the dead letter: the original ones, less those of an earlier refusal, then ours."""
    kept: list[tuple[str, bytes | None]] = [(name, value) for name, value in original if not name.startswith(_PREFIX)]
    ours = {
        "reason": letter.reason,
        "detail": letter.detail,
        "stage": letter.stage,
        "topic": letter.topic,
        "partition": str(letter.partition),
        "offset": str(letter.offset),
        "exception": letter.exception,
        "attempt": str(letter.attempt),
        "first-failed": letter.first_failed.isoformat(),
        "program": letter.program,
    }
    return kept + [(_PREFIX + name, value.encode()) for name, value in ours.items() if value is not None]


def from_headers(headers: Headers) -> DeadLetter | None:
    """The dead letter that the headers describe; None where they are not of one."""
    given = ((name, value) for name, value in headers if name.startswith(_PREFIX) and value is not None)
    ours = {name[len(_PREFIX) :]: value.decode(errors="replace") for name, value in given}
    try:
        return DeadLetter(
            reason=ours["reason"],
            detail=ours.get("detail", ""),
            stage=ours["stage"],
            topic=ours["topic"],
            partition=int(ours["partition"]),
            offset=int(ours["offset"]),
            exception=ours.get("exception"),
            attempt=int(ours["attempt"]),
            first_failed=datetime.fromisoformat(ours["first-failed"]),
            program=ours["program"],
        )
    except (KeyError, ValueError):
        return None
