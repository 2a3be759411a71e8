"""Writes deploy/grafana/dashboards/*.json; with ``--check`` says which of them are not current, and exits with 1."""

import json
import sys
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.generate.analysis import analysis
from deploy.grafana.generate.operations import operations
from schemas.publish import emit

FOLDER = Path(__file__).parents[1] / "dashboards"
_MARKS = {"titleFormat": "{{rule}} {{transition}}", "textFormat": "{{level}}", "tagKeys": "rule,level,transition"}
"""How Prometheus' answers become marks: the types of Grafana 11.6 do not name these fields, nor those of the query in `target`."""


def document(board: Dashboard) -> dict[str, Any]:
    """The dashboard as JSON data."""
    plain: dict[str, Any] = json.loads(json.dumps(board.build(), cls=JSONEncoder))
    for number, panel in enumerate(plain["panels"], 1):
        panel["id"] = number
    for annotation in plain.get("annotations", {}).get("list", []):
        annotation |= {"target": {"expr": annotation.pop("expr"), "interval": "60s", "refId": "Anno"}} | _MARKS
    return plain


if __name__ == "__main__":
    boards = {"operations": document(operations()), "analysis": document(analysis())}
    sys.exit(emit({FOLDER / f"{name}.json": board for name, board in boards.items()}, sys.argv[1:]))
