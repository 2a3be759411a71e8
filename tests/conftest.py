"""Fixtures that every test may ask for. What asks for `kafka` is marked so, and runs on a real Apache Kafka."""

import os
import signal
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from streams.brokers import BrokerError
from streams.brokers.kafka import KafkaBroker

for name, same in (("same", True), ("search", False)):
    settings.register_profile(
        name, derandomize=same, deadline=None, database=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
    )
settings.load_profile("same")
"""Property tests try the same examples in every run, on any machine; `make search` tries others (--hypothesis-profile=search)."""


def pytest_configure() -> None:
    """A shell starts what it puts into the background deaf to Ctrl-C, and children inherit that; what is tested must hear it.
    And what is asked is on this machine, with no proxy before it."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what needs Kafka, so that `-m "not kafka"` leaves out exactly that."""
    for item in items:
        if isinstance(item, pytest.Function) and "kafka" in item.fixturenames:
            item.add_marker(pytest.mark.kafka)


@pytest.fixture(scope="session")
def kafka() -> Iterator[KafkaBroker]:
    """A real Apache Kafka for the whole session (some 4 s once). Never skipped: without its jars the tests fail and say so.

    It is shared: name topics and groups with `unique`, and start a broker of your own to kill one.
    """
    broker = KafkaBroker()
    try:
        broker.start()
    except BrokerError as error:
        pytest.fail(str(error), pytrace=False)
    yield broker
    broker.stop()


@pytest.fixture
def unique() -> str:
    """A short random prefix for topics, groups and app ids on a shared broker."""
    return f"t{uuid.uuid4().hex[:8]}"
