"""The AsyncAPI 3 document of the topics, generated into `schemas/asyncapi.json` from the table of topics and the records' schemas.

    python -m streams.asyncapi            writes the file
    python -m streams.asyncapi --check    says whether it is current; exit status 1 if not

Payloads are references to `schemas/json/`, so that a record is described once. Names, partitions and limits are those of the default
settings. Source of the format: AsyncAPI specification 3.0.0 with its Kafka bindings 0.5.0.
"""

import sys
from dataclasses import dataclass
from typing import Any, Literal

from schemas import publish
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
class _Message:
    """What one topic carries: the record's name, the file of its schema (None: any bytes), its headers, who writes and reads it."""

    title: str
    payload: str | None
    headers: Json
    action: Literal["send", "receive"]
    operation: str


_JSON_HEADERS: Json = {"type": "object", "description": "No header is needed; others are kept."}
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
    },
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "content-type"],
}
_MESSAGES = {
    topics.ARTICLES: _Message(title="Article", payload="article", headers=_JSON_HEADERS, action="receive", operation="readArticles"),
    topics.ENRICHED: _Message(title="Enriched", payload="enriched", headers=_JSON_HEADERS, action="send", operation="writeEnriched"),
    topics.CLAIMS: _Message(title="ClaimRecord", payload="claim", headers=_JSON_HEADERS, action="send", operation="writeClaims"),
    topics.ALERTS: _Message(title="Alert", payload="alert", headers=_CLOUD_EVENTS, action="send", operation="sendAlerts"),
    topics.SHADOW: _Message(title="ShadowAlert", payload="alert", headers=_CLOUD_EVENTS, action="send", operation="sendShadowAlerts"),
    topics.STATE: _Message(title="LatestAlert", payload="alert", headers=_CLOUD_EVENTS, action="send", operation="writeLatestAlerts"),
    topics.DEAD: _Message(
        title="DeadLetter",
        payload=None,
        headers={"$ref": "./json/dead-letter-headers.json"},
        action="send",
        operation="writeDeadLetters",
    ),
}


PUBLIC = tuple(topic for topic in topics.TOPICS if topic is not topics.CHANGELOG)
"""The topics that others may read or write; the changelog is the worker's own, in a form that may change."""


def document() -> Json:
    """The document as JSON data. KeyError where a public topic has no message here."""
    pairs = [(topic, _MESSAGES[topic]) for topic in PUBLIC]
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
        "channels": {_channel_id(topic): _channel(topic, message) for topic, message in pairs},
        "operations": {message.operation: _operation(topic, message) for topic, message in pairs},
        "components": {"messages": {message.title: _message(topic, message) for topic, message in pairs}},
    }


def _channel_id(topic: Topic) -> str:
    """A name without dots, which may not stand in an id."""
    return topic.name.replace(".", "-")


def _channel(topic: Topic, message: _Message) -> Json:
    configured = topic.settings(_DEFAULTS.max_message_bytes)
    return {
        "address": topic.name,
        "description": topic.why,
        "messages": {message.title: {"$ref": f"#/components/messages/{message.title}"}},
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


def _operation(topic: Topic, message: _Message) -> Json:
    return {
        "action": message.action,
        "channel": {"$ref": f"#/channels/{_channel_id(topic)}"},
        "messages": [{"$ref": f"#/channels/{_channel_id(topic)}/messages/{message.title}"}],
    }


def _message(topic: Topic, message: _Message) -> Json:
    found: Json = {
        "title": message.title,
        "summary": topic.value,
        "headers": message.headers,
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": _BINDING}},
    }
    if message.payload is None:
        return found | {
            "contentType": "application/octet-stream",
            "payload": {"description": "The bytes of the refused record, unchanged."},
        }
    return found | {"payload": {"schemaFormat": _SCHEMA_FORMAT, "schema": {"$ref": f"./json/{message.payload}.json"}}}


if __name__ == "__main__":
    sys.exit(publish.emit({FILE: document()}, sys.argv[1:]))
