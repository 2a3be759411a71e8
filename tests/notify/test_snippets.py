"""The snippets of docs/delivery.md run: they take what we sign and refuse everything else."""

import base64
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streams.core.delivery.formats import body
from streams.notify.sending import signed
from tests.core.delivery.build import alert, entry
from tests.notify.flow import KEY

PAGE = (Path(__file__).parents[2] / "docs" / "delivery.md").read_text(encoding="utf-8")
OTHER_KEY = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0"
BODY = body(entry(alert()), "newsgauge")
Verify = Callable[[str, dict[str, str], bytes], bool]
NODE = shutil.which("node")


def snippet(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)
    return str(found)


def run(command: list[str], key: str, headers: dict[str, str], data: bytes) -> bool:
    """What the snippet, run as a program, says of one request."""
    given = json.dumps({"key": key, "headers": headers, "body": base64.b64encode(data).decode()})
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=60, check=True)
    return bool(json.loads(done.stdout))


@pytest.fixture(params=["python", "js"])
def verify(request: pytest.FixtureRequest, tmp_path: Path) -> Verify:
    """The snippet, with a line of ours that feeds it."""
    if request.param == "python":
        feed = "import json, sys\ng = json.load(sys.stdin)\n"
        feed += 'print(json.dumps(verify(g["key"], g["headers"], base64.b64decode(g["body"]))))\n'
        (tmp_path / "verify.py").write_text(snippet("python") + feed)
        command = [sys.executable, str(tmp_path / "verify.py")]
    else:
        if NODE is None:
            pytest.skip("no node on this machine to run JavaScript with")
        feed = 'import { readFileSync } from "node:fs";\nconst g = JSON.parse(readFileSync(0, "utf8"));\n'
        feed += 'console.log(JSON.stringify(verify(g.key, g.headers, Buffer.from(g.body, "base64"))));\n'
        (tmp_path / "verify.mjs").write_text(snippet("js") + feed)
        command = [NODE, str(tmp_path / "verify.mjs")]
    return lambda key, headers, data: run(command, key, headers, data)


def test_what_we_sign_is_taken(verify: Verify) -> None:
    headers = dict(signed("event", datetime.now(UTC), BODY, (KEY,)))
    assert verify(KEY, headers, BODY)


def test_one_of_two_keys_is_enough(verify: Verify) -> None:
    headers = dict(signed("event", datetime.now(UTC), BODY, (OTHER_KEY, KEY)))
    assert verify(KEY, headers, BODY) and verify(OTHER_KEY, headers, BODY)


def test_anything_else_is_refused(verify: Verify) -> None:
    now = datetime.now(UTC)
    headers = dict(signed("event", now, BODY, (KEY,)))
    assert not verify(OTHER_KEY, headers, BODY)
    assert not verify(KEY, headers, BODY + b" ")
    assert not verify(KEY, headers | {"webhook-id": "another"}, BODY)
    assert not verify(KEY, headers | {"webhook-signature": "v1,AAAA"}, BODY)
    assert not verify(KEY, headers | {"webhook-signature": headers["webhook-signature"].replace("v1,", "v2,")}, BODY)
    for age in (timedelta(minutes=-6), timedelta(minutes=6)):
        assert not verify(KEY, dict(signed("event", now + age, BODY, (KEY,))), BODY)
