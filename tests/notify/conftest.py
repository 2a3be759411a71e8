"""A receiver and a notifier for each test, gone at its end."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams.brokers.kafka import KafkaBroker
from tests.notify.flow import Notifier, Receiver


@pytest.fixture
def receiving(tmp_path: Path) -> Iterator[Callable[..., Receiver]]:
    """Starts receivers by name."""
    started: list[Receiver] = []

    def start(name: str = "desk") -> Receiver:
        started.append(Receiver(tmp_path, name).start())
        return started[-1]

    yield start
    for one in started:
        one.kill()


@pytest.fixture
def notifying(kafka: KafkaBroker, unique: str, tmp_path: Path) -> Iterator[Callable[..., Notifier]]:
    """Makes notifiers on topics of this test; the caller configures and starts them."""
    made: list[Notifier] = []

    def make(name: str = "notifier") -> Notifier:
        made.append(Notifier(kafka.bootstrap, unique + ".", tmp_path / f"{name}.log", folder=tmp_path))
        return made[-1]

    yield make
    for one in made:
        if one.process is not None:
            one.stop()
