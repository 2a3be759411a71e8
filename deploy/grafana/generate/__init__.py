"""The dashboards of Grafana, written as code: `python -m deploy.grafana.generate` writes them; with `--check` it says which are stale.

    panels.py       the few kinds of panel that we use, over Grafana's own types
    operations.py   the operator's dashboard: does it run, is it behind, what is refused, what arrives
    analysis.py     the analyst's dashboard: alerts that are open, figures against levels, what rules take and refuse
    __main__.py     writes deploy/grafana/dashboards/*.json

The types are those of Grafana 11.6, which later versions read. A panel names only series of docs/metrics.md and recorded rules.
"""
