"""Alerts and entries of the outbox, as short as a test wants them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from schemas.alert import Alert, Notify, Transition
from schemas.delivery import OutboxEntry
from tests.cli.test_present import ALERT

NOW = datetime(2024, 2, 1, 12, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def alert(
    transition: Transition = "firing", sequence: int = 1, episode: int = 1, level: str | None = "critical", **changed: object
) -> Alert:
    """One event of the alert "f"; of an end the level is null."""
    alert_id = str(uuid5(NAMESPACE_URL, f"episode {episode}"))
    over = transition in ("resolved", "expired", "closed")
    made = replace(
        ALERT,
        transition=transition,
        episode=episode,
        sequence=sequence,
        alert_id=alert_id,
        event_id=str(uuid5(NAMESPACE_URL, f"{alert_id}:{sequence}")),
        level=None if over else level,
        previous_level=level if over else None,
        labels={"team": "migration"},
        notify=Notify(decision="due", cooldown=0.0),
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def entry(of: Alert, offset: int = 0, at: datetime = NOW, **changed: object) -> OutboxEntry:
    made = OutboxEntry(receiver="desk", event_id=of.event_id, fingerprint=of.fingerprint, offset=offset, created_at=at, due_at=at, alert=of)
    return replace(made, **changed)  # type: ignore[arg-type]
