"""The topics of the flow, in one table: what each holds, how long it is kept, how large a record may be.

Names here are without the prefix of the configuration (`Settings.topic_prefix`), which `Topic.named` puts before them.
How many partitions a topic has is configuration too: all of the flow alike, so that records meet by key.
"""

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "ALERTS",
    "ARTICLES",
    "CHANGELOG",
    "CLAIMS",
    "DEAD",
    "DELIVERIES",
    "ENRICHED",
    "NOTIFIED",
    "OUTBOX",
    "RECEIVERS",
    "RULES",
    "SHADOW",
    "SILENCES",
    "STATE",
    "TOPICS",
    "Topic",
    "topic",
]

DAY_MS = 86_400_000
DEFAULT_MESSAGE_BYTES = 1_048_588
"""Kafka's own default of max.message.bytes, stated so that a broker's other default does not decide."""
DEAD_LETTER_ROOM = 65_536
"""What the headers of a dead letter may add to an article that was as large as allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic as it should be. `retention_ms` of None: kept for ever (compacted)."""

    name: str
    key: str
    value: str
    why: str
    cleanup: Literal["delete", "compact"] = "delete"
    retention_ms: int | None
    size: Literal["default", "article", "dead"] = "default"
    read_by_worker: bool = False
    """Whether the worker's consumer group reads it, so that it has a lag."""

    def named(self, prefix: str) -> str:
        """The name on the broker."""
        return prefix + self.name

    def max_message_bytes(self, article_limit: int) -> int:
        """The largest record in bytes, where `article_limit` (bytes) is that of an article."""
        match self.size:
            case "default":
                return DEFAULT_MESSAGE_BYTES
            case "article":
                return article_limit
            case "dead":
                return article_limit + DEAD_LETTER_ROOM

    def settings(self, article_limit: int) -> dict[str, str]:
        """Kafka's topic settings, by their names."""
        return {
            "cleanup.policy": self.cleanup,
            "retention.ms": str(-1 if self.retention_ms is None else self.retention_ms),
            "max.message.bytes": str(self.max_message_bytes(article_limit)),
        }


ARTICLES = Topic(
    name="articles",
    key="article id",
    value="Article (JSON), as received",
    why="the input; any producer may write it",
    retention_ms=30 * DAY_MS,
    size="article",
    read_by_worker=True,
)
ENRICHED = Topic(
    name="articles.enriched",
    key="article id",
    value="Enriched (JSON): quantities, claims, entities",
    why="for other consumers, and for replay without reading again",
    retention_ms=30 * DAY_MS,
    size="article",
)
CLAIMS = Topic(
    name="claims",
    key="indicator family",
    value="JSON, by `type`: a claim with publisher, origin signature and sentence; a revision; a tick; a change of rules",
    why="all claims of a family meet in one partition, so any grouping and any confirmation works there",
    retention_ms=365 * DAY_MS,
    read_by_worker=True,
)
ALERTS = Topic(
    name="alerts",
    key="fingerprint",
    value="Alert (JSON), CloudEvents headers",
    why="every transition, in order per alert",
    retention_ms=365 * DAY_MS,
)
STATE = Topic(
    name="alerts.state",
    key="fingerprint",
    value="the latest Alert (JSON)",
    why="where a new subscriber starts",
    cleanup="compact",
    retention_ms=None,
)
SHADOW = Topic(
    name="alerts.shadow",
    key="fingerprint",
    value="Alert (JSON), CloudEvents headers",
    why="what rules in state shadow would have said; never to be acted on",
    retention_ms=365 * DAY_MS,
)
RULES = Topic(
    name="rules",
    key="hash of a rule set, or `current`",
    value="the rule set as YAML text; for `current`, the hash that was applied last",
    why="all workers and every replay agree on which rules held",
    cleanup="compact",
    retention_ms=None,
)
CHANGELOG = Topic(
    name="watch.state",
    key="partition, kind and id",
    value="the state of the watch agent: series, origins, clocks",
    why="the changelog of the worker's table, from which a restarted or another worker goes on",
    cleanup="compact",
    retention_ms=None,
)
SILENCES = Topic(
    name="silences",
    key="silence id",
    value="Silence (JSON)",
    why="what receivers are not told for a time, by whom and why",
    cleanup="compact",
    retention_ms=None,
)
RECEIVERS = Topic(
    name="receivers",
    key="receiver",
    value="ReceiverState (JSON)",
    why="which receivers are disabled, since when and why, for all notifiers alike",
    cleanup="compact",
    retention_ms=None,
)
OUTBOX = Topic(
    name="outbox",
    key="receiver|event_id",
    value="OutboxEntry (JSON)",
    why="what is on its way to a receiver, in the partition that its alert has in `alerts`; gone once settled",
    cleanup="compact",
    retention_ms=None,
)
NOTIFIED = Topic(
    name="notified",
    key="fingerprint, or `position`",
    value="Notified (JSON); for `position`, Position (JSON): how far `alerts` was taken over",
    why="who was told what of each alert, so that another notifier goes on where one ended",
    cleanup="compact",
    retention_ms=None,
)
DELIVERIES = Topic(
    name="deliveries",
    key="receiver|event_id",
    value="Delivery (JSON)",
    why="every try and every decision not to send, for people to look up",
    retention_ms=90 * DAY_MS,
)
DEAD = Topic(
    name="articles.dead",
    key="as it came",
    value="bytes as they came; the reason is in the headers",
    why="nothing is lost",
    retention_ms=30 * DAY_MS,
    size="dead",
)

TOPICS = (ARTICLES, ENRICHED, CLAIMS, RULES, CHANGELOG, ALERTS, SHADOW, STATE, SILENCES, RECEIVERS, OUTBOX, NOTIFIED, DELIVERIES, DEAD)
"""In the order in which an article meets them."""


def topic(name: str) -> Topic:
    """The topic of that name (without prefix). KeyError where the flow has none."""
    return {topic.name: topic for topic in TOPICS}[name]
