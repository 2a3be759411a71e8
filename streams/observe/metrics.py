"""Every metric, with its kind, labels and help. Base units; closed label sets; never a text, a URL or a fingerprint as a label.

A process makes one `Metrics` with a registry of its own, so that nothing is global and tests start from zero.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import generate_latest

_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_STAGE = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)


class Metrics:
    """The metrics of one worker."""

    def __init__(self, version: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        Gauge("newsgauge_build_info", "The running version; always 1.", ["version"], registry=registry).labels(version).set(1)
        self.articles = Counter("newsgauge_articles_total", "Articles consumed, by what became of them.", ["outcome"], registry=registry)
        for outcome in ("enriched", "dead"):
            self.articles.labels(outcome)
        self.claims = Counter("newsgauge_claims_total", "Claims published to `claims`, by indicator.", ["indicator"], registry=registry)
        self.dead = Counter("newsgauge_dead_letters_total", "Records refused, by stage and reason.", ["stage", "reason"], registry=registry)
        self.judged = Counter(
            "newsgauge_rule_claims_total",
            "What became of claims at each rule: a refusal or an outcome.",
            ["rule", "result"],
            registry=registry,
        )
        self.alerts = Counter(
            "newsgauge_alerts_total",
            "Alert events published, by rule, level and transition.",
            ["rule", "level", "transition"],
            registry=registry,
        )
        self.stage = Histogram("newsgauge_stage_seconds", "Time in one stage for one record.", ["stage"], buckets=_STAGE, registry=registry)
        for stage in ("enrich", "watch"):
            self.stage.labels(stage)
        self.ingest_to_alert = Histogram(
            "newsgauge_ingest_to_alert_seconds",
            "From the record's timestamp in `articles` to the alert's acknowledgement.",
            buckets=_LATENCY,
            registry=registry,
        )
        self.watermark = Gauge(
            "newsgauge_watermark_timestamp_seconds",
            "Greatest publication time seen in a partition of `claims`.",
            ["partition"],
            registry=registry,
        )
        self.lag = Gauge("newsgauge_consumer_lag_records", "Records not yet processed.", ["topic", "partition"], registry=registry)
        self.ready = Gauge("newsgauge_worker_ready", "1 while the worker has its partitions and state.", registry=registry)
        self.rules = Gauge("newsgauge_rules", "Rules of the rule file, by state.", ["state"], registry=registry)
        self.reloads = Counter(
            "newsgauge_rules_reloads_total", "Rule files put in force, or refused for a fault.", ["outcome"], registry=registry
        )
        for outcome in ("applied", "refused"):
            self.reloads.labels(outcome)

    def page(self) -> bytes:
        """The metrics in Prometheus' text format."""
        return generate_latest(self.registry)
