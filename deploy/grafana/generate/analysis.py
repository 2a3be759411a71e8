"""The analyst's dashboard: alerts that are open, figures against levels, what rules take and refuse."""

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery, Dashboard, QueryVariable
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, VariableRefresh, VariableSort

from deploy.grafana.generate.panels import SOURCE, Query, Section, bars, lines, number, placed, rows

__all__ = ["EVENTS", "analysis"]

EVENTS = (
    'sum by (rule, level, transition) (increase(newsgauge_alerts_total{rule=~"$rule",'
    'transition=~"firing|escalated|deescalated|resolved|expired|retracted"}[1m])) > 0'
)
"""Marks on all charts."""
_ABOUT = 'indicator="$indicator",place="$place",per="$per"'
_TAKEN = 'newsgauge_rule_evaluations_total{rule=~"$rule"}'


def analysis() -> Dashboard:
    """What the news reports, and what the rules make of it."""
    board = Dashboard("newsgauge: analysis").uid("newsgauge-analysis").tags(["newsgauge"]).readonly()
    board = board.description("Alerts that are open, reported figures against the levels of rules, and what rules take and refuse.")
    board = board.time("now-24h", "now").refresh("1m").tooltip(DashboardCursorSync.CROSSHAIR).timezone("browser")
    board = board.with_variable(
        _variable("rule", "Rule", "label_values(newsgauge_rule_claims_total, rule)").multi(True).include_all(True).all_value(".*")
    )
    board = board.with_variable(_variable("indicator", "Indicator", "label_values(newsgauge_reported_value, indicator)"))
    board = board.with_variable(_variable("place", "Place", 'label_values(newsgauge_reported_value{indicator="$indicator"}, place)'))
    board = board.with_variable(
        _variable("per", "Period", 'label_values(newsgauge_reported_value{indicator="$indicator",place="$place"}, per)')
    )
    board = board.annotation(AnnotationQuery().name("Alert events").datasource(SOURCE).enable(True).icon_color("red").expr(EVENTS))
    return placed(board, _now(), _figures(), _funnel(), _rules())


def _variable(name: str, label: str, query: str) -> QueryVariable:
    variable = QueryVariable(name).label(label).datasource(SOURCE).query(query)
    return variable.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.ALPHABETICAL_ASC)


def _now() -> Section:
    return Section(
        "Now",
        number(
            "Open alerts",
            "Alerts that fire now.",
            Query('sum(newsgauge_alerts_open{rule=~"$rule",state="firing"}) or vector(0)'),
            unit="short",
            steps={None: "green", 1: "red"},
        ),
        number(
            "Waiting for confirmation",
            "Series in which a level is met and too few independent voices say so.",
            Query('sum(newsgauge_alerts_open{rule=~"$rule",state="pending"}) or vector(0)'),
            unit="short",
            steps={None: "blue"},
        ),
        number(
            "Live rules",
            "Rules in force that raise alerts.",
            Query('max(newsgauge_rules{state="live"})'),
            unit="short",
            steps={None: "red", 1: "blue"},
        ),
        rows(
            "Open alerts by rule",
            "How many alerts of a rule are open, one for each group such as a place. Their proof is in the alert.",
            Query('sum by (rule, level, state) (newsgauge_alerts_open{rule=~"$rule"}) > 0'),
            columns={"rule": "rule", "level": "level", "state": "state", "Value": "alerts"},
            width=12,
            height=6,
        ),
    )


def _figures() -> Section:
    return Section(
        "Reported figures",
        lines(
            "$indicator, $place, per $per: as reported, with its band",
            "The figure that the news reported last, from its low to its high end, as stated, and the levels of the rules on this "
            "indicator. The whole band beyond a level: certainly met. Needs the setting reported_values. Marks are alert events.",
            *(Query(f'max(newsgauge_reported_value{{{_ABOUT},bound="{bound}"}})', bound) for bound in ("high", "point", "low")),
            Query('max by (rule, level) (newsgauge_rule_threshold{indicator="$indicator",rule=~"$rule",side="at"})', "{{rule}} {{level}}"),
            unit="short",
            width=18,
            height=10,
            bands={"high": "low"},
        ),
        number(
            "Age of the figure",
            "How long ago the figure was published.",
            Query(f"time() - max(newsgauge_reported_value_timestamp_seconds{{{_ABOUT}}})"),
            unit="s",
            steps={None: "green", 259_200: "orange"},
            width=6,
        ),
    )


def _funnel() -> Section:
    return Section(
        "From articles to alerts",
        bars(
            "Funnel",
            "In the time shown: articles read; quantities in them; figures of a known indicator; figures that a rule took; those that "
            "meet a level on which enough independent voices stand; alerts that fired.",
            Query("sum(increase(newsgauge_articles_processed_total[$__range]))", "1 articles"),
            Query("sum(increase(newsgauge_figures_total[$__range]))", "2 quantities"),
            Query("sum(increase(newsgauge_claims_total[$__range]))", "3 figures of an indicator"),
            Query(f"sum(increase({_TAKEN}[$__range]))", "4 matched by a rule"),
            Query('sum(increase(newsgauge_rule_confirmed_total{rule=~"$rule"}[$__range]))', "5 confirmed"),
            Query('sum(increase(newsgauge_alerts_total{rule=~"$rule",transition="firing"}[$__range]))', "6 fired"),
        ),
        lines(
            "Grades",
            "How surely the figures that rules took meet the mildest level. Mostly possible: the level is near to what is usual.",
            Query(f"sum by (grade) (increase({_TAKEN}[$__rate_interval]))", "{{grade}}"),
            unit="short",
            width=8,
            stacked=True,
        ),
        bars(
            "Figures by indicator",
            "Figures read in the time shown.",
            Query("topk(12, sum by (indicator) (increase(newsgauge_claims_total[$__range])) > 0)", "{{indicator}}"),
        ),
        bars(
            "How figures are bounded",
            "Figures in the time shown: exact, approximate, or bounded on one side.",
            Query("sum by (bound) (increase(newsgauge_claims_total[$__range]))", "{{bound}}"),
        ),
    )


def _rules() -> Section:
    return Section(
        "Rules",
        bars(
            "What became of figures at the rules",
            "In the time shown. The words are those of docs/semantics.md.",
            Query(
                'topk(15, sum by (result) (increase(newsgauge_rule_claims_total{rule=~"$rule",result!="other_indicator"}[$__range])) > 0)',
                "{{result}}",
            ),
            height=9,
        ),
        rows(
            "Silent rules",
            "Rules that took no figure in a week: nothing is reported, or they ask for what is not reported.",
            Query('sum by (rule) (increase(newsgauge_rule_evaluations_total{rule=~"$rule"}[7d])) == 0'),
            columns={"rule": "rule"},
            width=8,
            height=9,
        ),
        rows(
            "Near misses",
            "Share of the figures of a day that meet the level only possibly, by rule.",
            Query('max by (rule) (rule:newsgauge_near_misses:ratio1d{rule=~"$rule"})'),
            columns={"rule": "rule", "Value": "share"},
            width=8,
            height=9,
        ),
        lines(
            "Alert events by rule",
            "What happened to alerts.",
            Query(
                'sum by (rule, transition) (increase(newsgauge_alerts_total{rule=~"$rule"}[$__rate_interval])) > 0',
                "{{rule}}: {{transition}}",
            ),
            unit="short",
        ),
        bars(
            "Late figures",
            "Figures that came later than a rule allows for being told of, by what became of them, in the time shown.",
            Query('sum by (outcome) (increase(newsgauge_late_claims_total{rule=~"$rule"}[$__range]))', "{{outcome}}"),
            width=12,
        ),
    )
