"""Brokers that the project starts by itself, for the demo, for tests and for users without Docker.

    kafka   Apache Kafka, one KRaft node on loopback: the thing itself; needs Java 17 and `make kafka`
    mock    librdkafka's mock cluster in memory: starts at once, keeps nothing, lacks CreateTopics and offsets by time

Both are used in the same way: `with KafkaBroker() as broker: ... broker.bootstrap ...`.
"""

from types import TracebackType
from typing import Protocol, Self

__all__ = ["Broker", "BrokerError"]


class BrokerError(Exception):
    """A broker could not be started or reached; the message is a sentence that says what to do."""


class Broker(Protocol):
    """A broker on loopback that lives no longer than this process."""

    @property
    def bootstrap(self) -> str:
        """`host:port`, as clients want it; BrokerError before the first start."""

    def start(self) -> str:
        """Starts it, blocks until it answers (seconds for Kafka) and returns the bootstrap address. BrokerError if it cannot."""

    def stop(self) -> None:
        """Stops it and removes what it left; harmless when it does not run."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...
