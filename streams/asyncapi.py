"""The AsyncAPI 3 document of the topics, generated into `schemas/asyncapi.json` from the table of topics and the records' schemas.

    python -m streams.asyncapi            writes the file
    python -m streams.asyncapi --check    says whether it is current; exit status 1 if not

Payloads are references to `schemas/json/`, so that a record is described once. Names, partitions and limits are those of the default
settings. Source of the format: AsyncAPI specification 3.0.0 with its Kafka bindings 0.5.0.
"""

import sys
from dataclasses import dataclass
from typing import Any, Literal

from schemas import publish, trace
from streams import topics
from streams.config import Settings
from streams.topics import Topic

__all__ = ["FILE", "PUBLIC", "document"]

FILE = publish.FOLDER.parent / "asyncapi.json"
_BINDING = "0.5.0"
_DEFAULTS = Settings.model_validate({})
_SCHEMA_FORMAT = "application/schema+json;version=draft/2020-12"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Traffic:
    """What goes through one topic: its records by title, each with the file of its schema, and whether newsgauge reads or writes them."""

    action: Literal["send", "receive"]
    operation: str
    records: dict[str, str | None]
    """None: no JSON."""
    headers: Json
    content: str = "application/json"


_ANY_HEADERS: Json = {"type": "object", "description": "No header is needed."}
_TRACE: Json = {"type": "string", "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"}
_TRACED: Json = {
    "type": "object",
    "description": "A valid W3C `traceparent` of an article goes on with what comes of it; one that is not valid is dropped.",
    "properties": {trace.HEADER: _TRACE | {"description": "W3C Trace Context, where the article came with it."}},
}
_CLOUD_EVENTS: Json = {
    "type": "object",
    "description": "CloudEvents 1.0 in Kafka's binary content mode.",
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {"type": "string", "description": "The alert's event_id. The same event may arrive twice: drop what you have seen."},
        "ce_type": {"type": "string", "pattern": r"^newsgauge\.alert\.[a-z]+\.v1$", "description": "newsgauge.alert.<transition>.v1"},
        "ce_source": {"type": "string", "format": "uri-reference", "description": "/rules/<rule id>"},
        "ce_subject": {"type": "string", "description": "The alert_id: all events of one episode."},
        "ce_time": {"type": "string", "format": "date-time", "description": "Event time, not the time of sending."},
        "content-type": {"type": "string", "const": "application/json"},
        trace.EXTENSION: _TRACE | {"description": "The trace of the article that caused the event (extension Distributed Tracing)."},
        **_TRACED["properties"],
    },
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "content-type"],
}
_CLAIMS: dict[str, str | None] = {"ClaimRecord": "claim", "Revision": "revision", "Tick": "tick", "RulesChange": "rules"}
_TRAFFIC = {
    topics.ARTICLES: _Traffic(action="receive", operation="readArticles", records={"Article": "article"}, headers=_TRACED),
    topics.ENRICHED: _Traffic(action="send", operation="writeEnriched", records={"Enriched": "enriched"}, headers=_TRACED),
    topics.CLAIMS: _Traffic(action="send", operation="writeClaims", records=_CLAIMS, headers=_TRACED),
    topics.RULES: _Traffic(
        action="send", operation="writeRules", records={"RuleSet": None}, headers=_ANY_HEADERS, content="application/yaml"
    ),
    topics.ALERTS: _Traffic(action="send", operation="sendAlerts", records={"Alert": "alert"}, headers=_CLOUD_EVENTS),
    topics.SHADOW: _Traffic(action="send", operation="sendShadowAlerts", records={"ShadowAlert": "alert"}, headers=_CLOUD_EVENTS),
    topics.STATE: _Traffic(action="send", operation="writeLatestAlerts", records={"LatestAlert": "alert"}, headers=_CLOUD_EVENTS),
    topics.SILENCES: _Traffic(action="receive", operation="readSilences", records={"Silence": "silence"}, headers=_ANY_HEADERS),
    topics.RECEIVERS: _Traffic(action="send", operation="writeReceivers", records={"ReceiverState": "receiver"}, headers=_ANY_HEADERS),
    topics.OUTBOX: _Traffic(action="send", operation="writeOutbox", records={"OutboxEntry": "outbox"}, headers=_ANY_HEADERS),
    topics.NOTIFIED: _Traffic(
        action="send", operation="writeNotified", records={"Notified": "notified", "Position": "position"}, headers=_ANY_HEADERS
    ),
    topics.DELIVERIES: _Traffic(action="send", operation="writeDeliveries", records={"Delivery": "delivery"}, headers=_ANY_HEADERS),
    topics.DEAD: _Traffic(
        action="send",
        operation="writeDeadLetters",
        records={"DeadLetter": None},
        headers={"$ref": "./json/dead-letter-headers.json"},
        content="application/octet-stream",
    ),
}
PUBLIC = tuple(topic for topic in topics.TOPICS if topic is not topics.CHANGELOG)
"""The topics that others may read or write; the changelog is the worker's own, in a form that may change."""


def document() -> Json:
    """The document as JSON data. KeyError where a public topic has no traffic here."""
    pairs = [(topic, _TRAFFIC[topic]) for topic in PUBLIC]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "newsgauge",
            "version": "1.0.0",
            "description": "Articles in, figures read from their prose, alerts out. Names of topics take the prefix of the setting "
            "`topic_prefix`; partitions and limits are those of the default settings.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"kafka": {"host": _DEFAULTS.bootstrap, "protocol": "kafka", "description": "Any Kafka from 3.9 on."}},
        "channels": {_channel_id(topic): _channel(topic, traffic) for topic, traffic in pairs},
        "operations": {traffic.operation: _operation(topic, traffic) for topic, traffic in pairs},
        "components": {"messages": {title: _message(topic, traffic, title) for topic, traffic in pairs for title in traffic.records}},
    }


def _channel_id(topic: Topic) -> str:
    """A name without dots, which may not stand in an id."""
    return topic.name.replace(".", "-")


def _channel(topic: Topic, traffic: _Traffic) -> Json:
    configured = topic.settings(_DEFAULTS.max_message_bytes)
    return {
        "address": topic.name,
        "description": topic.why,
        "messages": {title: {"$ref": f"#/components/messages/{title}"} for title in traffic.records},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": _DEFAULTS.partitions,
                "replicas": _DEFAULTS.replication_factor,
                "topicConfiguration": {
                    "cleanup.policy": configured["cleanup.policy"].split(","),
                    "retention.ms": int(configured["retention.ms"]),
                    "max.message.bytes": int(configured["max.message.bytes"]),
                },
                "bindingVersion": _BINDING,
            }
        },
    }


def _operation(topic: Topic, traffic: _Traffic) -> Json:
    channel = f"#/channels/{_channel_id(topic)}"
    return {
        "action": traffic.action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{title}"} for title in traffic.records],
    }


def _message(topic: Topic, traffic: _Traffic, title: str) -> Json:
    file = traffic.records[title]
    described = {"description": topic.value}
    return {
        "title": title,
        "summary": topic.value,
        "contentType": traffic.content,
        "headers": traffic.headers,
        "payload": {"schemaFormat": _SCHEMA_FORMAT, "schema": {"$ref": f"./json/{file}.json"}} if file else described,
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": _BINDING}},
    }


if __name__ == "__main__":
    sys.exit(publish.emit({FILE: document()}, sys.argv[1:]))
