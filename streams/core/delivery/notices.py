"""What receivers are told of one another: that one is disabled, and that it is enabled again."""

from dataclasses import replace
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from schemas.delivery import Notice, OutboxEntry, ReceiverState

__all__ = ["disabled", "enabled", "entry"]


def disabled(state: ReceiverState) -> Notice:
    """What the others hear of a receiver that was disabled."""
    assert state.reason is not None
    why = f"{state.reason}, {state.detail}" if state.detail else state.reason
    return Notice(
        event_id=_event_id(state),
        kind="receiver_disabled",
        receiver=state.name,
        reason=state.reason,
        at=state.at,
        summary=f"The receiver {state.name} is disabled and gets no more alerts ({why}). Mend it, then run: "
        f"newsgauge deliveries redeliver --receiver {state.name} --failed",
    )


def enabled(state: ReceiverState, now: datetime) -> tuple[ReceiverState, Notice | None]:
    """The receiver that is disabled by `state`, enabled; and what those hear who heard of that. None: a state that does not say why."""
    after = ReceiverState(name=state.name, state="enabled", generation=state.generation + 1, at=now)
    if state.reason is None:
        return after, None
    summary = f"The receiver {state.name} is enabled again and gets alerts."
    return after, replace(disabled(state), event_id=_event_id(after), kind="receiver_enabled", at=now, since=state.at, summary=summary)


def entry(notice: Notice, receiver: str, now: datetime) -> OutboxEntry:
    """The notice on its way to `receiver`; notices of one receiver arrive in their order."""
    return OutboxEntry(
        receiver=receiver,
        event_id=notice.event_id,
        fingerprint=f"receiver:{notice.receiver}",
        offset=None,
        created_at=now,
        due_at=now,
        notice=notice,
    )


def _event_id(state: ReceiverState) -> str:
    return str(uuid5(NAMESPACE_URL, f"receiver:{state.name}:{state.generation}"))
