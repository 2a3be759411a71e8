"""What two rule sets make of the same past."""

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import orjson
import pytest

from schemas.alert import Alert
from schemas.codec import convert, parse
from streams.replay.compare import Episodes, differences
from tests.cli.conftest import Run
from tests.replay.stories import rules, stories, write

GOLDEN = Path(__file__).parents[2] / "schemas" / "golden" / "alert" / "full.json"
START = datetime(2024, 1, 1, tzinfo=UTC)
AT = {"warning": 8_000, "critical": 10_000}


def run_of(*episodes: str) -> Episodes:
    """Episodes written as "day level, day level, day end": `1 warning, 2 critical, 4 resolved`."""
    found, golden = Episodes(), parse(GOLDEN.read_bytes())
    for number, episode in enumerate(episodes):
        for step, part in enumerate(episode.split(", ")):
            day, word = part.split()
            level = word if word in AT else None
            name = word if level is None else "escalated" if step else "firing"
            times = golden["times"] | {"event_time": (START + timedelta(days=float(day))).isoformat()}
            condition = golden["condition"] | {"at": AT.get(word, 8_000)}
            changed = {"alert_id": f"{number}", "transition": name, "level": level, "times": times, "condition": condition}
            found.take(convert(golden | changed, Alert))
    return found


SAME = ("1 warning, 2 critical, 4 resolved", "6 warning")


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (SAME, SAME, []),
        ((), (), []),
        (SAME, SAME[:1], [("removed", "alert")]),
        (SAME[:1], SAME, [("added", "alert")]),
        (("1 warning, 4 resolved",), ("2 warning, 4 resolved",), [("later", "opening")]),
        (("3 warning, 4 resolved",), ("2 warning, 4 resolved",), [("earlier", "opening")]),
        (("1 warning, 4 resolved",), ("1 warning, 5 resolved",), [("later", "end")]),
        (("1 warning",), ("1 warning, 5 resolved",), [("earlier", "end")]),
        (("1 warning, 5 expired",), ("1 warning, 5 resolved",), [("other_end", "end")]),
        (("1 warning, 2 critical, 4 resolved",), ("1 warning, 4 resolved",), [("other_level", "highest level")]),
        (
            ("1 critical, 4 resolved",),
            ("1 warning, 2 critical, 4 resolved",),
            [("other_level", "level at the opening"), ("later", "level critical")],
        ),
        (("1 warning, 2 critical, 4 resolved",), ("1 warning, 3 critical, 4 resolved",), [("later", "level critical")]),
        (("1 warning, 2 resolved",), ("3 warning, 4 resolved",), [("removed", "alert"), ("added", "alert")]),
        (("1 warning, 2 resolved", "3 warning, 4 resolved"), ("1 warning, 4 resolved",), [("later", "end"), ("removed", "alert")]),
    ],
)
def test_what_differs_has_a_name(old: tuple[str, ...], new: tuple[str, ...], wanted: list[tuple[str, str]]) -> None:
    found = differences(run_of(*old), run_of(*new))
    assert sorted((one.kind, one.what) for one in found) == sorted(wanted)
    assert all(one.mark.sentence for one in found)


@pytest.fixture
def past(tmp_path: Path) -> Path:
    """in.jsonl, old.yaml, and rules that are the same but for their title, or for one threshold."""
    (tmp_path / "old.yaml").write_text(rules())
    (tmp_path / "same.yaml").write_text(rules().replace("title: Deaths", "title: Lives lost"))
    (tmp_path / "new.yaml").write_text(rules(high=11_500))
    write(tmp_path / "in.jsonl", stories(120, 3))
    return tmp_path


def test_the_same_alerts_end_with_0_others_with_1_and_trouble_with_2(run: Run, past: Path) -> None:
    same = run("backtest", "--rules", "same.yaml", "--against", "old.yaml", "in.jsonl")
    assert (same.status, same.out) == (0, "The same alerts.\n"), same.err
    other = run("backtest", "--rules", "new.yaml", "--against", "old.yaml", "in.jsonl")
    assert other.status == 1 and "other level (highest level)" in other.out and "11,000 migrants were apprehended" in other.out
    assert "articles, read again: 120 articles" in other.err
    for arguments in (
        ["--rules", "none.yaml", "--against", "old.yaml", "in.jsonl"],
        ["--rules", "new.yaml", "--against", "old.yaml", "none.jsonl"],
        ["--rules", "new.yaml", "in.jsonl"],
    ):
        wrong = run("backtest", *arguments)
        assert wrong.status == 2 and wrong.err and not wrong.out
    nobody = run("backtest", "--rules", "new.yaml", "--against", "old.yaml", bootstrap="127.0.0.1:1")
    assert nobody.status == 2 and "Kafka" in nobody.err


def test_json_says_the_same_as_the_two_replays(run: Run, past: Path) -> None:
    told = orjson.loads(run("backtest", "--rules", "new.yaml", "--against", "old.yaml", "--json", "in.jsonl").out)
    assert not told["same"] and told["differences"]
    for side, file in (("old", "old.yaml"), ("new", "new.yaml")):
        events = [orjson.loads(line) for line in run("replay", "--rules", file, "in.jsonl").out.splitlines()]
        assert told[side]["alerts"] == len({event["alert_id"] for event in events if event["transition"] != "pending"})
        times = {event["times"]["event_time"] for event in events}
        assert {one[side]["at"] for one in told["differences"] if one[side]} <= times
    assert {one["rule"] for one in told["differences"]} == {"border"}


class Page(HTMLParser):
    """What elements and attributes a page has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


OURS = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "code", "span", "table", "colgroup", "col", "tr", "th", "td", "br",
    "q", "svg", "line", "text", "rect", "path", "circle",
}  # fmt: skip


def test_the_page_needs_nothing_else_and_shows_hostile_text_as_text(run: Run, past: Path) -> None:
    hostile = '<script>alert(1)</script><img src=x onerror=alert(2)> "><svg onload=alert(3)> {{ 7 * 7 }}'
    made = stories(60, 3)
    for story in made:
        story["text"] = str(story["text"]).replace(", border patrol officials", f" {hostile}, border patrol officials")
        story["publisher"] = hostile
    write(past / "hostile.jsonl", made)
    done = run("backtest", "--rules", "new.yaml", "--against", "old.yaml", "--html", "page.html", "hostile.jsonl")
    assert done.status == 1, done.err
    text = (past / "page.html").read_text()
    page = Page(text)
    assert page.tags <= OURS and {"svg", "table", "circle"} <= page.tags
    assert not {name for name in page.attributes if name.startswith("on") or name in ("src", "href")}
    assert "&lt;script&gt;alert(1)" in text and "{{ 7 * 7 }}" in text and "http://" not in text.replace("http-equiv", "")
    assert "default-src 'none'" in text
    assert all(words in text for words in ("old: critical 10,000", "new: critical 11,500", "old: warning 8,000"))


def test_claims_tell_a_changed_rule_from_a_changed_reader(run: Run, past: Path) -> None:
    """From claims nothing is read: figures are as they were then, whatever the reader would say now."""
    (past / "claims.jsonl").write_bytes(b"")
    record = parse((GOLDEN.parents[1] / "claim" / "full.json").read_bytes())
    line = {"topic": "claims", "partition": 1, "offset": 0, "timestamp": record["ingested"], "key": "border_flow", "headers": []}
    (past / "claims.jsonl").write_bytes(orjson.dumps(line | {"value": orjson.dumps(record).decode()}) + b"\n")
    done = run("backtest", "--rules", "new.yaml", "--against", "old.yaml", "claims.jsonl")
    assert done.status in (0, 1) and "claims as they were read then: 1 claims" in done.err
