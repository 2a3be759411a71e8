"""The operator's dashboard: does it run, is it behind, what is refused, what arrives."""

import re
from pathlib import Path

import yaml
from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync

from deploy.grafana.generate.panels import Query, Section, bars, lines, number, placed, rows, states

__all__ = ["operations"]

_ALERTS = Path(__file__).parents[2] / "prometheus" / "rules" / "alerts.yml"
_STATES = {
    "0": ("down", "dark-red"),
    "1": ("starting", "yellow"),
    "2": ("ready", "green"),
    "3": ("topics missing", "red"),
    "4": ("Kafka silent", "orange"),
}
_WRONG = (
    "max by (alertname, meaning, severity, alertstate, instance, about) ("
    'label_join(label_join(ALERTS{alertname=~"Newsgauge.*"}, "meaning", "", "alertname"),'
    ' "about", " ", "topic", "partition", "stage", "file", "rule"))'
)
_STATE = (
    'max by (instance) (newsgauge_worker_state{state="starting"} or newsgauge_worker_state{state="ready"} * 2'
    ' or newsgauge_worker_state{state="topics_missing"} * 3 or newsgauge_worker_state{state="kafka_silent"} * 4'
    ' or 0 * (up{job="newsgauge-worker"} == 0))'
)
_WAITING = (
    "max by (topic, partition, instance) (newsgauge_consumer_offset"
    ' and on (topic, partition, instance) newsgauge_consumer_lag_records{job="newsgauge-worker"} > 0)'
)


def operations() -> Dashboard:
    """Begin at the top left: what is wrong has a name there, and docs/runbook.md a section for each name."""
    board = Dashboard("newsgauge: operations").uid("newsgauge-operations").tags(["newsgauge"]).readonly()
    board = board.description("Does it run, is it behind, what is refused, what arrives. Names of alerts are explained in docs/runbook.md.")
    board = board.time("now-1h", "now").refresh("10s").tooltip(DashboardCursorSync.CROSSHAIR).timezone("browser")
    return placed(board, _top(), _flow(), _delivery(), _processes())


def _meanings() -> dict[str, tuple[str, None]]:
    """Alert -> its summary, with dots for what other columns say."""
    groups = yaml.safe_load(_ALERTS.read_text())["groups"]
    return {rule["alert"]: (re.sub(r"{{[^}]*}}", "…", rule["annotations"]["summary"]), None) for group in groups for rule in group["rules"]}


def _quantiles(metric: str, by: str = "") -> tuple[Query, Query]:
    """Half and 95 % of what a histogram saw lately are below."""
    keys, name = (f"{by}, le", f"{{{{{by}}}}} ") if by else ("le", "")
    middle, high = (
        Query(f"histogram_quantile({q}, sum by ({keys}) (rate({metric}_bucket[$__rate_interval])))", f"{name}{word}")
        for q, word in ((0.5, "half"), (0.95, "95 %"))
    )
    return middle, high


def _top() -> Section:
    return Section(
        "Does it work?",
        rows(
            "What is wrong now",
            "Alerts of newsgauge on itself. critical: alerts do not come, or do not arrive. pending: not for long enough yet. Each name "
            "has a section in docs/runbook.md that says what to look at and what to do. none: nothing is known to be wrong.",
            Query(_WRONG),
            columns={name: name for name in ("alertname", "meaning", "severity", "alertstate", "instance", "about")},
            words={"meaning": _meanings(), "severity": {"critical": ("critical", "red"), "warning": ("warning", "orange")}},
            sort=("severity", "alertstate"),
            width=24,
        ),
        number(
            "Workers ready",
            "Workers that turn articles into alerts. None: nothing is read.",
            Query('sum(newsgauge_ready{job="newsgauge-worker"}) or vector(0)'),
            unit="short",
            steps={None: "red", 1: "green"},
            width=3,
        ),
        number(
            "Kafka answered",
            "How long ago Kafka answered a worker. Workers ask every five seconds; where none runs, nobody asks.",
            Query("time() - max(max_over_time(newsgauge_kafka_last_answer_timestamp_seconds[1h]))"),
            unit="s",
            steps={None: "green", 15: "orange", 60: "red"},
            width=3,
        ),
        number(
            "Oldest waiting",
            "For how long the oldest record that is not processed has waited. Alerts come late by as much.",
            Query("max(newsgauge_consumer_lag_seconds)"),
            unit="s",
            steps={None: "green", 30: "orange", 120: "red"},
            width=3,
        ),
        number(
            "Last article",
            "How long ago an article was taken from Kafka. Long, and no lag: look at whoever publishes.",
            Query("time() - (max(max_over_time(newsgauge_last_article_timestamp_seconds[1d])) > 0)"),
            unit="s",
            steps={None: "green", 3600: "orange"},
            width=3,
        ),
        number(
            "Files in force",
            "Refused: the newest version of a file (rules, receivers, tokens) has a fault, and the one before it holds. The log names it.",
            Query("min(newsgauge_config_last_reload_successful)"),
            unit="short",
            steps={None: "red", 1: "green"},
            width=3,
            words={"0": ("refused", "red"), "1": ("newest", "green")},
        ),
        number(
            "Live rules",
            "Rules in force that raise alerts. None: nothing can raise one.",
            Query('max(newsgauge_rules{state="live"})'),
            unit="short",
            steps={None: "red", 1: "green"},
            width=3,
        ),
        number(
            "Oldest notification",
            "For how long the oldest notification has waited for a receiver to take it. none: nothing waits, or no notifier runs.",
            Query("time() - max(newsgauge_outbox_oldest_timestamp_seconds > 0)"),
            unit="s",
            steps={None: "green", 60: "orange", 900: "red"},
            width=3,
        ),
        number(
            "Receivers disabled",
            "Receivers to which nothing is sent any more, because they did not take what was sent for a day or said so.",
            Query("max(newsgauge_receivers_disabled)"),
            unit="short",
            steps={None: "green", 1: "red"},
            width=3,
        ),
        states(
            "State of the workers",
            "What each worker said of itself. Down: it does not answer. A gap: there is no such worker.",
            Query(_STATE, "{{instance}}"),
            words=_STATES,
            width=24,
        ),
    )


def _flow() -> Section:
    return Section(
        "From article to alert",
        lines(
            "Articles a second",
            "Taken from Kafka, and what became of them. Taken and not processed: a worker is stuck.",
            Query("sum(rate(newsgauge_articles_consumed_total[$__rate_interval]))", "taken"),
            Query("sum by (outcome) (rate(newsgauge_articles_processed_total[$__rate_interval]))", "{{outcome}}"),
            unit="short",
        ),
        lines(
            "Lag",
            "For how long the oldest record of a topic has waited. It grows steadily where the workers are too few.",
            Query("max by (topic) (newsgauge_consumer_lag_seconds)", "{{topic}}"),
            unit="s",
        ),
        lines(
            "Records waiting",
            "Records of a topic that no worker has processed yet.",
            Query("sum by (topic) (newsgauge_consumer_lag_records)", "{{topic}}"),
            unit="short",
            width=8,
        ),
        rows(
            "Where records wait",
            "Partitions with records that wait: the worker that owns them, and the offset of the record that is next. Where that does not "
            "move, look at the record.",
            Query(_WAITING),
            columns={"topic": "topic", "partition": "partition", "instance": "process", "Value": "next offset"},
            width=8,
        ),
        lines(
            "Age of the watermark",
            "How old the newest publication is that a partition of claims has seen: newest and oldest partition. Old, and articles come: "
            "they are old articles, or report no figures.",
            Query("time() - max(newsgauge_watermark_timestamp_seconds)", "newest partition"),
            Query("time() - min(newsgauge_watermark_timestamp_seconds)", "oldest partition"),
            unit="s",
            width=8,
        ),
        lines(
            "Time in a stage",
            "Of one record: enrich reads an article, watch judges a claim and publishes what comes of it.",
            *_quantiles("newsgauge_stage_seconds", "stage"),
            unit="s",
            width=8,
        ),
        lines(
            "From Kafka to the alert",
            "From the article's timestamp in Kafka to the acknowledged alert.",
            *_quantiles("newsgauge_ingest_to_alert_seconds"),
            unit="s",
            width=8,
        ),
        lines(
            "From publication to the alert",
            "From the article's publication to the acknowledged alert: the crawler's time is in it.",
            *_quantiles("newsgauge_publish_to_alert_seconds"),
            unit="s",
            width=8,
        ),
        lines(
            "Alert events",
            "Alert events published, by transition.",
            Query("sum by (transition) (increase(newsgauge_alerts_total[$__rate_interval]))", "{{transition}}"),
            unit="short",
            width=8,
        ),
        lines(
            "Dead letters by stage and reason",
            "Records refused. `newsgauge dead list` shows them. unexpected: a fault of the program.",
            Query("sum by (stage, reason) (increase(newsgauge_dead_letters_total[$__rate_interval])) > 0", "{{stage}}: {{reason}}"),
            unit="short",
        ),
        bars(
            "What had to be derived",
            "Articles without id or date, and dates that could not be used, in the time shown: a producer may do better.",
            Query("sum by (flag) (increase(newsgauge_article_flags_total[$__range]))", "{{flag}}"),
            width=12,
        ),
    )


def _delivery() -> Section:
    return Section(
        "Delivery",
        lines(
            "Deliveries",
            "Notifications that receivers have taken, and tries that they have not.",
            Query("sum by (integration) (increase(newsgauge_notifications_total[$__rate_interval]))", "{{integration}} taken"),
            Query("sum by (integration) (increase(newsgauge_notifications_failed_total[$__rate_interval]))", "{{integration}} failed"),
            unit="short",
            width=8,
        ),
        lines(
            "Failed tries by reason",
            "Why receivers did not take a notification.",
            Query("sum by (reason) (increase(newsgauge_notifications_failed_total[$__rate_interval])) > 0", "{{reason}}"),
            unit="short",
            width=8,
        ),
        lines(
            "Outbox",
            "Notifications that wait, and for how long the oldest has.",
            Query("sum(newsgauge_outbox_pending)", "waiting"),
            unit="short",
            width=4,
        ),
        lines(
            "Oldest in the outbox",
            "For how long the oldest notification has waited; nothing where none waits.",
            Query("time() - max(newsgauge_outbox_oldest_timestamp_seconds > 0)", "waiting for"),
            unit="s",
            width=4,
        ),
        bars(
            "Not told, by reason",
            "Alert events that a receiver was not told of in the time shown.",
            Query("sum by (reason) (increase(newsgauge_notifications_suppressed_total[$__range]))", "{{reason}}"),
        ),
        lines(
            "API requests a second",
            "Requests answered, by status.",
            Query("sum by (code) (rate(newsgauge_http_requests_total[$__rate_interval]))", "{{code}}"),
            unit="short",
            width=8,
        ),
        lines(
            "Streams",
            "Clients that follow the stream of alerts, and streams that were gone on with, by outcome.",
            Query("sum(newsgauge_sse_clients)", "clients"),
            Query("sum by (outcome) (increase(newsgauge_sse_resumes_total[$__rate_interval]))", "{{outcome}}"),
            unit="short",
            width=8,
        ),
    )


def _processes() -> Section:
    return Section(
        "Processes",
        lines(
            "Cores",
            "A worker is two processes, one that reads articles and one that does the rest: where either is at 1, it is the limit.",
            Query('rate(process_cpu_seconds_total{job=~"newsgauge-.*"}[$__rate_interval])', "{{job}} {{instance}}"),
            Query("rate(newsgauge_reading_process_cpu_seconds_total[$__rate_interval])", "{{job}} {{instance}} reading"),
            unit="short",
            width=6,
        ),
        lines(
            "Memory",
            "Resident. A slope over days is a leak.",
            Query('process_resident_memory_bytes{job=~"newsgauge-.*"}', "{{job}} {{instance}}"),
            Query("newsgauge_reading_process_resident_memory_bytes", "{{job}} {{instance}} reading"),
            unit="bytes",
            width=6,
        ),
        lines(
            "Commits",
            "Time of one commit of offsets with the changes of the tables.",
            *_quantiles("newsgauge_commit_seconds"),
            unit="s",
            width=6,
        ),
        lines(
            "Rebalances",
            "Times that a worker lost its partitions and had them again. Over and over: a worker comes and goes in a circle.",
            Query("sum by (instance) (increase(newsgauge_rebalance_seconds_count[$__rate_interval]))", "{{instance}}"),
            unit="short",
            width=6,
        ),
        rows(
            "Versions",
            "What runs, and how many of it.",
            Query("count by (job, version) (newsgauge_build_info)"),
            columns={"job": "process", "version": "version", "Value": "how many"},
            width=12,
            height=5,
        ),
    )
