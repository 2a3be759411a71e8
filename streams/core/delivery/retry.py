"""What an answer means, and when to try again.

| answer | what follows |
|---|---|
| 2xx | delivered |
| 410 | the receiver is disabled |
| other 4xx, 3xx | tried again three times, in half an hour; then this event is given up |
| 429, 5xx, no answer, no connection, an address that may not be called | tried again by the schedule, three days in all |

Retry-After can make a wait longer, never shorter. Jitter comes from a hash, so that the same entry waits alike wherever it is asked.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256

from schemas.delivery import OutboxEntry, Reason

__all__ = ["REJECTED_TRIES", "SCHEDULE", "Attempt", "next_try", "reason_of", "retry_after"]

SCHEDULE = (5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""Seconds after each try that failed: 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h."""
REJECTED_TRIES = 4
"""Tries of what the receiver rejects: waiting seldom helps, and later events of the alert wait behind it."""
JITTER = 0.1
"""A wait is longer by up to this share."""
LONGEST_WAIT = 86_400.0
"""Seconds that Retry-After can ask for."""
_REJECTIONS = frozenset({"rejected", "redirected"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try as it ended. `reason` None: delivered."""

    reason: Reason | None
    status: int | None = None
    detail: str = ""
    retry_after: float | None = None
    """Seconds that the receiver asked to wait."""
    unsure: bool = False
    """The request went out and no answer came: the receiver may have it."""
    seconds: float = 0.0


def reason_of(status: int) -> Reason | None:
    """Why an answer with this HTTP status is no success; None where it is one.

    >>> [reason_of(status) for status in (204, 302, 404, 410, 429, 503)]
    [None, 'redirected', 'rejected', 'gone', 'rate_limited', 'server_error']
    """
    match status:
        case _ if 200 <= status < 300:
            return None
        case 410:
            return "gone"
        case 429:
            return "rate_limited"
        case _ if 300 <= status < 400:
            return "redirected"
        case _ if 400 <= status < 500:
            return "rejected"
        case _:
            return "server_error"


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that the header Retry-After asks for, as a number or as a date; None where it says nothing of use."""
    if value is None:
        return None
    if re.fullmatch(r"\d{1,9}", value.strip(), re.ASCII):
        return min(float(value), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


def next_try(entry: OutboxEntry, attempt: Attempt, schedule: tuple[float, ...], now: datetime) -> datetime | None:
    """When `entry`, whose newest try is `attempt`, is tried again; None: never."""
    tries = len(schedule) + 1
    if attempt.reason in _REJECTIONS:
        tries = min(tries, REJECTED_TRIES)
    if attempt.reason == "gone" or entry.attempt >= tries:
        return None
    wait = schedule[entry.attempt - 1] * (1 + JITTER * _share(entry))
    return now + timedelta(seconds=max(wait, attempt.retry_after or 0.0))


def _share(entry: OutboxEntry) -> float:
    """A number from 0 to 1 that is the same for the same try of the same entry."""
    digest = sha256(f"{entry.receiver}|{entry.event_id}|{entry.attempt}".encode()).digest()
    return int.from_bytes(digest[:4]) / 0xFFFFFFFF
