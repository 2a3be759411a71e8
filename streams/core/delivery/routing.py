"""Which receivers an alert goes to, and which it is kept from, with the reason."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schemas.alert import Alert
from schemas.delivery import Seen, Silence, Told
from streams.core.delivery.matchers import labels_of, matches
from streams.core.delivery.receivers import Route

__all__ = ["ENDS", "Plan", "Suppression", "is_end", "plan", "routed", "seen_before", "silence_of", "unfit"]

Suppression = Literal[
    "unreadable",  # the record is no alert, or none that can be passed on
    "not_live",  # of a replay, a test or a rule in shadow
    "seen",  # the same event came before
    "pending",  # see Alert.notify
    "late",
    "unlisted",
    "unrouted",  # an end of which nobody has to hear, since nobody was told of the beginning
    "silenced",  # see Delivery.outcome
    "collapsed",
    "unsent",
]
"""Why an alert event is not sent, or not to one receiver."""
ENDS = frozenset({"resolved", "expired", "closed"})
LARGEST = 500_000
"""Bytes of an alert; one is written into `outbox` whole, with its ids beside it."""
_ID = re.compile(r"[!-~]{1,200}")
REMEMBERED = 8
"""Episodes of an alert that are known again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to become of one alert event: whom to tell, and whom not because of a silence."""

    receivers: tuple[str, ...] = ()
    silenced: tuple[str, ...] = ()
    silence: Silence | None = None
    suppressed: Suppression | None = None
    """Why nobody at all is told."""


def routed(route: Route, labels: Mapping[str, str]) -> tuple[str, ...]:
    """The receivers of an alert with these labels, each once, in the order of the routes."""
    return tuple(dict.fromkeys(_routed(route, labels, route.receiver or "")))


def _routed(route: Route, labels: Mapping[str, str], receiver: str) -> Iterator[str]:
    """The receivers under `route`, which matches; `receiver` is its own."""
    deeper = False
    for inner in route.routes:
        if matches(inner.matchers, labels):
            deeper = True
            yield from _routed(inner, labels, inner.receiver or receiver)
            if not inner.continue_:
                return
    if not deeper:
        yield receiver


def unfit(alert: Alert, size: int) -> str | None:
    """Why the record `alert` of so many bytes can be neither kept nor sent, as none of a worker is; None: it can."""
    if size > LARGEST:
        return f"{size:,} bytes, and at most {LARGEST:,} are passed on"
    for name in ("event_id", "alert_id", "fingerprint"):
        if _ID.fullmatch(getattr(alert, name)) is None:
            return f"its {name} is no id of at most 200 characters of ASCII"
    return None


def is_end(alert: Alert) -> bool:
    """Is the alert over with this event?"""
    return alert.transition in ENDS or (alert.transition == "retracted" and alert.level is None)


def silence_of(silences: Iterable[Silence], labels: Mapping[str, str], now: datetime) -> Silence | None:
    """The silence in force at `now` that holds back an alert with these labels."""
    return next((one for one in silences if one.starts_at <= now < one.ends_at and matches(one.matchers, labels)), None)


def plan(alert: Alert, route: Route, silences: Iterable[Silence], told: Mapping[str, Told], waiting: Iterable[str], now: datetime) -> Plan:
    """Whom to tell of `alert`. `told`: what each receiver was told last of this fingerprint; `waiting`: receivers to which events of
    this alert are on their way.

    What takes back or ends an alert goes to those who were told of it, through silences and whatever the routes say now; everything
    else to those whose route it takes.
    """
    if alert.mode != "live":
        return Plan(suppressed="not_live")
    if alert.notify.decision != "due":
        return Plan(suppressed=alert.notify.decision)
    knowing = {name for name, last in told.items() if last.alert_id == alert.alert_id and last.open} | set(waiting)
    if is_end(alert) or alert.transition == "retracted":
        return Plan(tuple(sorted(knowing)), suppressed=None if knowing else "unrouted")
    labels = labels_of(alert)
    receivers = routed(route, labels)
    silence = silence_of(silences, labels, now)
    if silence is not None:
        return Plan(silenced=receivers, silence=silence)
    lowered = tuple(sorted(knowing - set(receivers))) if alert.transition == "deescalated" else ()
    return Plan((*receivers, *lowered))


def seen_before(seen: tuple[Seen, ...], alert: Alert) -> tuple[Seen, ...] | None:
    """`seen` with this event; None where the event came before (a worker that was killed repeats its last ones).

    An episode with a known number and another id is a new one: the state of the worker was lost, and counts anew.
    """
    known = next((one for one in seen if one.alert_id == alert.alert_id), None)
    if known is not None and alert.sequence <= known.sequence:
        return None
    newest = Seen(alert_id=alert.alert_id, episode=alert.episode, sequence=alert.sequence)
    return (*(one for one in seen if one.alert_id != alert.alert_id), newest)[-REMEMBERED:]
