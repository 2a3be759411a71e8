"""The bytes of a notification. A receiver verifies a signature over exactly these bytes, so they are made once a try.

- `newsgauge`: the alert record as it stands in `alerts` (`schemas/json/alert.json`); a notice as `schemas/json/notice.json`
- `alertmanager`: the webhook of Prometheus' Alertmanager, version 4, with one alert
- `slack`: a message for Slack's incoming webhooks, and for those who take the same (Mattermost, Rocket.Chat)
- text: a title and lines, for chats and mail

In the last two, words out of articles can neither mention anybody nor disguise a link, in Markdown neither.
"""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any

from schemas.alert import Alert
from schemas.codec import encode
from schemas.delivery import OutboxEntry
from streams.core.delivery.receivers import Integration
from streams.core.delivery.routing import is_end
from streams.core.untrusted import clean, safe_url

__all__ = ["body", "text"]

_ZERO = "0001-01-01T00:00:00Z"
"""How Alertmanager writes an end that has not come."""
_COLOURS = {"critical": "#c0392b", "warning": "#e67e22", "info": "#2980b9"}
_GOOD, _OTHER = "#27ae60", "#7f8c8d"


def body(entry: OutboxEntry, integration: Integration) -> bytes:
    """The body of the request for `entry`. ValueError for an integration that has none."""
    match integration:
        case "newsgauge":
            return encode(entry.alert or entry.notice)
        case "alertmanager":
            return encode(_alertmanager(entry))
        case "slack":
            return encode(_slack(entry))
        case _:
            raise ValueError(f"{integration} takes no body")


def text(entry: OutboxEntry) -> tuple[str, str]:
    """Title and text for people, plain."""
    title, lines = _said(entry)
    return _tamed(title), "\n".join(map(_tamed, lines))


def _said(entry: OutboxEntry) -> tuple[str, list[str]]:
    if entry.notice is not None:
        return f"newsgauge: a receiver is {'enabled again' if _back(entry) else 'disabled'}", [entry.notice.summary]
    assert entry.alert is not None
    return _title(entry.alert), list(_lines(entry.alert))


def _title(alert: Alert) -> str:
    level = alert.level or (f"(was {alert.previous_level})" if alert.previous_level else "")
    return f"{alert.transition.upper()} {level} {alert.rule.title}"


def _lines(alert: Alert) -> Iterator[str]:
    """What decided: summary, sentence, source."""
    if alert.summary:
        yield alert.summary
    for proof in alert.evidence[:1]:
        yield f"“{proof.sentence}”"
        link = (safe_url(proof.url) or "").replace("@", "%40").replace("]", "%5D")
        yield " · ".join(filter(None, (proof.publisher, f"{proof.published_at:%Y-%m-%d %H:%M}Z", link)))


def _tamed(words: str) -> str:
    """One line. A zero-width space keeps `@channel` from being a mention and `[words](address)` from being a link."""
    return clean(" ".join(words.split())).replace("@", "@\u200b").replace("]", "]\u200b")


def _alertmanager(entry: OutboxEntry) -> dict[str, Any]:
    one = _firing(entry.alert) if entry.alert is not None else _noticed(entry)
    labels, annotations = one["labels"], one["annotations"]
    return {
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{labels["alertname"]}", fingerprint="{one["fingerprint"]}"}}',
        "truncatedAlerts": 0,
        "status": one["status"],
        "receiver": entry.receiver,
        "groupLabels": {"alertname": labels["alertname"]},
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": "",
        "alerts": [one],
    }


def _firing(alert: Alert) -> dict[str, Any]:
    """An alert as Alertmanager writes it. Its labels are what names it there, so they do not change with its level but for `severity`."""
    ended = is_end(alert)
    level = alert.level or alert.previous_level or ""
    proof = alert.evidence[0] if alert.evidence else None
    annotations = {
        "title": alert.rule.title,
        "summary": alert.summary,
        "value": alert.value.text,
        "transition": alert.transition,
        "reason": alert.reason,
        "sentence": proof.sentence if proof else "",
        "publisher": (proof.publisher or "") if proof else "",
    }
    return {
        "status": "resolved" if ended else "firing",
        "labels": {**alert.labels, **alert.group, "alertname": alert.rule.id, "severity": level},
        "annotations": {name: value for name, value in annotations.items() if value},
        "startsAt": _rfc3339(alert.times.started_at),
        "endsAt": _rfc3339(alert.times.event_time) if ended else _ZERO,
        "generatorURL": (safe_url(proof.url) or "") if proof else "",
        "fingerprint": alert.fingerprint,
    }


def _noticed(entry: OutboxEntry) -> dict[str, Any]:
    """A receiver that is disabled, as an alert that lasts until it is enabled again."""
    notice, back = entry.notice, _back(entry)
    assert notice is not None
    return {
        "status": "resolved" if back else "firing",
        "labels": {
            "alertname": "newsgauge_receiver_disabled",
            "severity": "critical",
            "receiver": notice.receiver,
            "reason": notice.reason,
        },
        "annotations": {"summary": notice.summary},
        "startsAt": _rfc3339(notice.since or notice.at),
        "endsAt": _rfc3339(notice.at) if back else _ZERO,
        "generatorURL": "",
        "fingerprint": sha256(f"{notice.receiver}|{notice.reason}".encode()).hexdigest()[:16],
    }


def _back(entry: OutboxEntry) -> bool:
    return entry.notice is not None and entry.notice.kind == "receiver_enabled"


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _slack(entry: OutboxEntry) -> dict[str, Any]:
    title, lines = text(entry)
    alert = entry.alert
    ended = _back(entry) if alert is None else is_end(alert)
    level = (alert.level or "") if alert else "critical"
    escaped = _escape(lines)
    return {
        "text": _escape(title),
        "mrkdwn": False,
        "attachments": [{"color": _GOOD if ended else _COLOURS.get(level, _OTHER), "text": escaped, "fallback": escaped, "mrkdwn_in": []}],
    }


def _escape(words: str) -> str:
    """Slack's three characters: without this a text could mention a whole channel or disguise a link."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
