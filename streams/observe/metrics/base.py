"""What every process has, and how a metric is declared.

A label has either all its values, and then its children stand at zero from the start, or a sentence on where the values come from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from time import time
from typing import ClassVar, Literal, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import generate_latest

__all__ = ["LATENCY", "STAGE", "Family", "Labels", "Metrics"]

LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
"""Bounds in seconds for what waits on a broker or a network."""
STAGE = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
"""Bounds in seconds for work on one record."""

Kind = Literal["counter", "gauge", "histogram"]
Labels = Mapping[str, tuple[str, ...] | str]
"""Label -> all its values, or where they come from."""
_Made = TypeVar("_Made", Counter, Gauge, Histogram)


@dataclass(frozen=True, slots=True)
class Family:
    """One metric as declared."""

    name: str
    kind: Kind
    help: str
    labels: Labels


class Metrics:
    """The metrics that every process has. `FILES`: the kinds of file that it takes over while it runs. `SERVES`: it answers scrapes."""

    FILES: ClassVar[tuple[str, ...]] = ()
    SERVES: ClassVar[bool] = True

    def __init__(self, version: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.families: list[Family] = []
        build = self.gauge("newsgauge_build_info", "The running version; always 1.", {"version": "the program's version"})
        build.labels(version).set(1)
        if self.SERVES:
            ProcessCollector(registry=self.registry)
            PlatformCollector(registry=self.registry)
            self.ready = self.gauge("newsgauge_ready", "1 while the process does its work: what /readyz says.")
        if self.FILES:
            file = {"file": self.FILES}
            self._reloads = self.counter(
                "newsgauge_config_reloads_total",
                "Files put in force, or refused for a fault, by outcome.",
                file | {"outcome": ("applied", "refused")},
            )
            self._reload_good = self.gauge(
                "newsgauge_config_last_reload_successful", "1 while the newest version of the file is in force, 0 after a refusal.", file
            )
            self._reload_time = self.gauge(
                "newsgauge_config_last_reload_success_timestamp_seconds", "When a version of the file was put in force last.", file
            )

    def reloaded(self, file: str, good: bool) -> None:
        """A version of a `file` was put in force, or refused."""
        self._reloads.labels(file, "applied" if good else "refused").inc()
        self.in_force(file, good)

    def in_force(self, file: str, good: bool = True) -> None:
        """The `file` as it is now is in force, or is not, without a reload: at the start, or as another process decided."""
        self._reload_good.labels(file).set(good)
        if good:
            self._reload_time.labels(file).set(time())

    def counter(self, name: str, text: str, labels: Labels | None = None) -> Counter:
        """Declare a counter; its name ends in `_total`."""
        return self._declared(Family(name, "counter", text, labels or {}), Counter(name, text, tuple(labels or ()), registry=self.registry))

    def gauge(self, name: str, text: str, labels: Labels | None = None) -> Gauge:
        """Declare a gauge."""
        return self._declared(Family(name, "gauge", text, labels or {}), Gauge(name, text, tuple(labels or ()), registry=self.registry))

    def histogram(self, name: str, text: str, buckets: tuple[float, ...], labels: Labels | None = None) -> Histogram:
        """Declare a histogram; its name ends in its unit."""
        made = Histogram(name, text, tuple(labels or ()), buckets=buckets, registry=self.registry)
        return self._declared(Family(name, "histogram", text, labels or {}), made)

    def _declared(self, family: Family, made: _Made) -> _Made:
        self.families.append(family)
        closed = [values for values in family.labels.values() if isinstance(values, tuple)]
        if family.labels and len(closed) == len(family.labels):
            for values in product(*closed):
                made.labels(*values)
        return made

    def page(self) -> bytes:
        """The metrics in Prometheus' text format."""
        return generate_latest(self.registry)
