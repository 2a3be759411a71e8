"""librdkafka's mock cluster: a Kafka-like broker in this process's memory, on loopback, there at once.

What it lacks (CreateTopics: a topic comes into being with 4 partitions when a client first asks for it; offsets by time;
durable storage: some 5 MB a partition, then the oldest go; filtering of aborted transactions) is why tests run on Kafka.
"""

from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException, Producer

from streams.brokers import BrokerError

__all__ = ["MockBroker"]

START_SECONDS = 60.0


class MockBroker:
    """The cluster runs in librdkafka's own thread, outside Python's lock, for as long as this object holds its client."""

    def __init__(self) -> None:
        self._client: Producer | None = None
        self._bootstrap: str | None = None

    @property
    def bootstrap(self) -> str:
        if self._bootstrap is None:
            raise BrokerError("The broker has no address before it is started.")
        return self._bootstrap

    def start(self) -> str:
        if self._client is None:
            client = Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 1, "log_level": 0})
            try:
                brokers = client.list_topics(timeout=START_SECONDS).brokers.values()
            except KafkaException as error:
                raise BrokerError(f"The mock broker did not answer within {START_SECONDS:.0f} s: {error}") from error
            self._bootstrap = ",".join(f"{broker.host}:{broker.port}" for broker in brokers)
            self._client = client
        return self.bootstrap

    def stop(self) -> None:
        self._client = None
        self._bootstrap = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
