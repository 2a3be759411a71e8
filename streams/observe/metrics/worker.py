"""What a worker says of itself: articles, claims, rules and alerts; how fast, how far behind, and what was refused."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import ClassVar, Literal, get_args

from prometheus_client import ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from schemas.alert import Alert
from schemas.article import Flag
from schemas.figure import Bound
from streams.core.kept import EARLIEST
from streams.core.pipeline import Watch
from streams.core.reported import Latest, Name
from streams.core.rules import Rule
from streams.core.state import Judged
from streams.observe.metrics.base import LATENCY, STAGE, Family, Labels, Metrics
from streams.observe.metrics.words import BOUNDS, FLAGS, GRADES, INDICATORS, OUTCOMES, REASONS, RESULTS, TRANSITIONS

__all__ = ["State", "WorkerMetrics"]

State = Literal[
    "starting",  # it waits for its partitions, or restores their state
    "ready",  # articles become alerts
    "topics_missing",  # a topic of the flow was deleted
    "kafka_silent",  # the broker does not answer
]

_AGE = (1, 10, 60, 300, 900, 3_600, 21_600, 86_400, 259_200, 604_800)
"""Bounds in seconds for how old news is: from a wire that publishes at once to an archive that is loaded."""
_BY_THE_CLOCK = frozenset({"expired", "repeated", "closed"})
"""Transitions that no figure causes."""
_AT_NO_LEVEL = ("pending", "resolved", "expired", "retracted", "closed")
"""Transitions to no level, or out of all."""
_RULE = "ids of the rules in force"
_LEVEL = "levels of the rules in force"
_PARTITION = "partitions of this worker"


_READING = (
    Family("newsgauge_reading_process_cpu_seconds_total", "counter", "Processor time of the process that reads articles.", {}),
    Family("newsgauge_reading_process_resident_memory_bytes", "gauge", "Memory of the process that reads articles.", {}),
)
"""As prometheus-client's ProcessCollector names them."""
_FIGURE: Labels = {"indicator": INDICATORS, "place": "ids of places", "unit": "units of figures", "per": "periods as stated"}
_REPORTED = (
    Family(
        "newsgauge_reported_value",
        "gauge",
        "The figure that the news reported last, with the setting `reported_values`.",
        {**_FIGURE, "bound": ("low", "point", "high")},
    ),
    Family("newsgauge_reported_value_timestamp_seconds", "gauge", "When that figure was published.", _FIGURE),
)


class _ReportedCollector(Collector):
    """Figures as they stand at the moment of the question."""

    def __init__(self, standing: Callable[[], Iterable[tuple[Name, Latest]]]) -> None:
        self._standing = standing

    def collect(self) -> Iterator[Metric]:
        """One sample for each bound that a figure has, and one for its time."""
        values, times = (GaugeMetricFamily(one.name, one.help, labels=list(one.labels)) for one in _REPORTED)
        for name, latest in self._standing():
            labels = [name.indicator, name.place, name.unit, name.per]
            for bound, value in (("low", latest.low), ("point", latest.point), ("high", latest.high)):
                if value is not None:
                    values.add_metric([*labels, bound], value)
            times.add_metric(labels, latest.published.timestamp())
        yield from (values, times)


class WorkerMetrics(Metrics):
    """The metrics of one worker."""

    FILES: ClassVar = ("rules",)

    def __init__(self, version: str) -> None:
        super().__init__(version)
        self.state = self.gauge("newsgauge_worker_state", "1 for the state that the worker is in.", {"state": get_args(State)})
        self.answered = self.gauge("newsgauge_kafka_last_answer_timestamp_seconds", "When Kafka answered this worker last.")
        self._articles()
        self._rules()
        self._alerts()
        self._progress()
        self.families += (*_READING, *_REPORTED)

    def _articles(self) -> None:
        self.consumed = self.counter("newsgauge_articles_consumed_total", "Records taken from `articles`.")
        self.last_article = self.gauge("newsgauge_last_article_timestamp_seconds", "When a record of `articles` was taken last; 0 before.")
        self.articles = self.counter(
            "newsgauge_articles_processed_total", "Records of `articles`, by what became of them.", {"outcome": ("enriched", "dead")}
        )
        self.flags = self.counter("newsgauge_article_flags_total", "What had to be derived of an article, by name.", {"flag": FLAGS})
        self.figures = self.counter("newsgauge_figures_total", "Quantities read in articles, whether or not they report something.")
        self.claims = self.counter(
            "newsgauge_claims_total",
            "Claims published to `claims`, by indicator and by how the figure is bounded.",
            {"indicator": INDICATORS, "bound": BOUNDS},
        )
        self.dead = self.counter(
            "newsgauge_dead_letters_total", "Records refused, by stage and reason.", {"stage": ("enrich", "watch"), "reason": REASONS}
        )
        self.stage = self.histogram(
            "newsgauge_stage_seconds",
            "Time in one stage for one record; where records are read together, their share of it.",
            STAGE,
            {"stage": ("enrich", "watch")},
        )
        self.renewed = self.counter("newsgauge_reading_process_restarts_total", "Times that the process that reads articles had died.")

    def _rules(self) -> None:
        self.rules = self.gauge("newsgauge_rules", "Rules of the rule file, by state.", {"state": ("live", "shadow", "off")})
        self.judged = self.counter(
            "newsgauge_rule_claims_total",
            "What became of claims at each rule: a refusal or an outcome.",
            {"rule": _RULE, "result": RESULTS},
        )
        self.graded = self.counter(
            "newsgauge_rule_evaluations_total",
            "Claims that a rule took, by how surely the figure meets its mildest level.",
            {"rule": _RULE, "grade": GRADES},
        )
        self.confirmed = self.counter(
            "newsgauge_rule_confirmed_total",
            "Claims that meet a level of a rule on which enough independent voices stand.",
            {"rule": _RULE},
        )
        self.late = self.counter(
            "newsgauge_late_claims_total",
            "Claims of articles that came later than the rule allows for being notified, by what became of them.",
            {"rule": _RULE, "outcome": OUTCOMES},
        )
        self.threshold = self.gauge(
            "newsgauge_rule_threshold",
            "Where a level of a rule begins (`at`) and ends (`reset`).",
            {"rule": _RULE, "indicator": INDICATORS, "level": _LEVEL, "side": ("at", "reset")},
        )

    def _alerts(self) -> None:
        self.alerts = self.counter(
            "newsgauge_alerts_total",
            "Alert events published, by rule, level and transition.",
            {"rule": _RULE, "level": _LEVEL, "transition": TRANSITIONS},
        )
        self.open = self.gauge(
            "newsgauge_alerts_open",
            "Alerts open now in the partitions of this worker, by rule, level and state.",
            {"rule": _RULE, "level": _LEVEL, "state": ("pending", "firing")},
        )
        self.publish_to_alert = self.histogram(
            "newsgauge_publish_to_alert_seconds",
            "From the publication of the article to the alert's acknowledgement, for alerts that a figure raised or changed.",
            _AGE,
        )
        self.ingest_to_alert = self.histogram(
            "newsgauge_ingest_to_alert_seconds",
            "From the record's timestamp in `articles` to the alert's acknowledgement, for the same alerts.",
            LATENCY,
        )

    def _progress(self) -> None:
        place = {"topic": "topics that the worker reads", "partition": _PARTITION}
        self.offset = self.gauge("newsgauge_consumer_offset", "Offset of the next record to process.", place)
        self.lag = self.gauge("newsgauge_consumer_lag_records", "Records not yet processed.", place)
        self.lag_seconds = self.gauge("newsgauge_consumer_lag_seconds", "For how long the oldest of them has waited; 0 without any.", place)
        self.watermark = self.gauge(
            "newsgauge_watermark_timestamp_seconds", "Greatest publication time seen in a partition of `claims`.", {"partition": _PARTITION}
        )

        self.commit = self.histogram("newsgauge_commit_seconds", "Time of one commit of offsets, with the tables' changes.", LATENCY)
        self.rebalance = self.histogram(
            "newsgauge_rebalance_seconds", "From the loss of the partitions to the state restored and work again.", LATENCY
        )

    def show_reading(self, pid: Callable[[], int | None]) -> None:
        """Expose what the reading process takes; `pid` is that of the child that is there now."""
        ProcessCollector(namespace="newsgauge_reading", pid=lambda: pid() or 0, registry=self.registry)

    def show_reported(self, standing: Callable[[], Iterable[tuple[Name, Latest]]]) -> None:
        """Expose the figures that `standing` gives whenever somebody asks for the page."""
        self.registry.register(_ReportedCollector(standing))

    def article_enriched(self, figures: int, flags: Iterable[Flag], reported: Iterable[tuple[str, Bound]]) -> None:
        """An article went through the enrich stage; of its figures those `reported` (indicator, bound) went to `claims`."""
        self.articles.labels("enriched").inc()
        self.figures.inc(figures)
        for flag in flags:
            self.flags.labels(flag).inc()
        for indicator, bound in reported:
            self.claims.labels(indicator, bound).inc()

    def rule_judged(self, judged: Judged) -> None:
        """A rule took a claim."""
        if judged.outcome == "duplicate":
            return
        self.graded.labels(judged.rule, judged.grade).inc()
        self.confirmed.labels(judged.rule).inc(judged.confirmed)
        if judged.late:
            self.late.labels(judged.rule, judged.outcome).inc()

    def alert_published(self, alert: Alert, now: datetime) -> None:
        """An alert event was acknowledged at `now`."""
        self.alerts.labels(alert.rule.id, alert.level or "none", alert.transition).inc()
        if alert.transition not in _BY_THE_CLOCK:
            self.publish_to_alert.observe(max(0.0, (now - alert.times.published_at).total_seconds()))
            self.ingest_to_alert.observe(max(0.0, (now - alert.times.ingested_at).total_seconds()))

    def partitions_hold(self, watches: Mapping[int, Watch]) -> None:
        """These partitions of `claims` are this worker's now, and this is what stands in them."""
        self.watermark.clear()
        self.open.clear()
        for partition, watch in watches.items():
            if watch.clock.time > EARLIEST:
                self.watermark.labels(str(partition)).set(watch.clock.time.timestamp())
            for (rule, phase, level), count in watch.standing().items():
                self.open.labels(rule, level or "none", phase).inc(count)

    def rules_in_force(self, rules: Iterable[Rule]) -> None:
        """These are the rules of the file: their series stand at zero before anything happens to them."""
        rules = tuple(rules)
        for state in ("live", "shadow", "off"):
            self.rules.labels(state).set(sum(rule.state == state for rule in rules))
        self.threshold.clear()
        for rule in rules:
            if rule.state == "off":
                continue
            for result in RESULTS:
                self.judged.labels(rule.id, result)
            for grade in GRADES:
                self.graded.labels(rule.id, grade)
            self.confirmed.labels(rule.id)
            for transition in _AT_NO_LEVEL:
                self.alerts.labels(rule.id, "none", transition)
            for level in rule.when.levels:
                for transition in TRANSITIONS:
                    if transition not in _AT_NO_LEVEL:
                        self.alerts.labels(rule.id, level.level, transition)
                for indicator in rule.match.indicator:
                    self.threshold.labels(rule.id, indicator, level.level, "at").set(level.at)
                    self.threshold.labels(rule.id, indicator, level.level, "reset").set(level.back)
