"""The running server against its own OpenAPI document: no request may bring it down, and it answers as it says."""

import json
import re
import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.api.parameters import read
from streams.api.routes import ENDPOINTS
from tests.api.build import Server

SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))
EXAMPLES = 40


def test_the_server_holds_to_its_description(shared: Server, tmp_path: Path) -> None:
    """The stream is left out, because it never ends; its parameters are fuzzed below."""
    done = subprocess.run(
        [
            SCHEMATHESIS, "run", f"{shared.address}/openapi.json", "--checks", "all", "--exclude-path", "/v1/alerts/stream",
            "--phases", "coverage,fuzzing", "--max-examples", str(EXAMPLES), "--no-color", "--seed", "1", "--suppress-health-check", "all",
        ],
        cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    counts = re.search(r"Selected: (\d+)/(\d+)\s+Tested: (\d+)", done.stdout)
    assert counts is not None, done.stdout[-2000:]
    selected, described, tested = map(int, counts.groups())
    assert tested == selected == described - 1 >= 8, "all but the stream"
    assert shared.is_ready()
    assert "Traceback" not in shared.log.read_text()


NAMES = sorted({parameter.name for endpoint in ENDPOINTS for parameter in endpoint.parameters})


@settings(max_examples=300)
@given(st.sampled_from(ENDPOINTS), st.lists(st.tuples(st.sampled_from(NAMES) | st.text(max_size=8), st.text(max_size=250)), max_size=30))
def test_any_query_is_either_read_or_refused_with_reasons(endpoint: object, given_: list[tuple[str, str]]) -> None:
    found = read(endpoint.parameters, given_)  # type: ignore[attr-defined]
    if isinstance(found, list):
        assert found
        assert all(fault.where == "query" and fault.detail for fault in found)
        json.dumps([fault.name for fault in found])
    else:
        assert set(found) == {parameter.name for parameter in endpoint.parameters}  # type: ignore[attr-defined]
