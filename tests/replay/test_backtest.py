"""What two rule sets, or two readers, make of the same past."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.alert import Alert
from schemas.article import Article, Document
from schemas.claims import ClaimRecord
from schemas.codec import convert, decode, encode, parse
from streams.core.enrich import enrich, records
from streams.core.intake import receive
from streams.replay.chart import LABEL_STEP, PLOT, TOP, _apart
from streams.replay.compare import Episodes, differences
from streams.replay.readings import changes
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
    "q", "div", "svg", "line", "text", "rect", "path", "circle",
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


def archived(articles: list[dict[str, object]]) -> list[dict[str, Any]]:
    """The claims of `articles`, as today's reader makes them, as they would lie in the archive of a log of four partitions."""
    lines: list[dict[str, Any]] = []
    for story in articles:
        when = datetime.fromisoformat(str(story["published"]))
        document = receive(decode(orjson.dumps(story), Article), timestamp=when)
        assert isinstance(document, Document)
        for key, record in records(enrich(document)):
            place = {"topic": "claims", "partition": len(key) % 4, "offset": len(lines), "timestamp": when, "key": key, "headers": []}
            lines.append(place | {"value": parse(encode(record))})
    return lines


def pack(path: Path, lines: list[dict[str, Any]]) -> None:
    path.write_bytes(b"".join(orjson.dumps(line | {"value": orjson.dumps(line["value"]).decode()}) + b"\n" for line in lines))


def test_from_claims_figures_are_as_they_were_read_then(run: Run, past: Path) -> None:
    """Nothing is read: whatever the reader would say now, every figure is what the log says."""
    lines = archived(stories(120, 3))
    for line in lines:
        line["value"]["claim"] |= {"low": 1, "point": 1, "high": 1}
    pack(past / "claims.jsonl", lines)
    done = run("backtest", "--rules", "new.yaml", "--against", "old.yaml", "claims.jsonl")
    assert (done.status, done.out) == (0, "The same alerts.\n") and f"claims as they were read then: {len(lines)} claims" in done.err


def test_the_same_reader_reads_the_same(run: Run, past: Path) -> None:
    made = stories(120, 3)
    pack(past / "claims.jsonl", archived(made))
    done = run("backtest", "--rules", "new.yaml", "--reader", "claims.jsonl", "in.jsonl")
    assert done.status == 0 and done.out.endswith("The same alerts.\n") and "0 figures added  0 figures gone  0 figures changed" in done.out
    rules = orjson.loads(
        run("backtest", "--rules", "new.yaml", "--against", "old.yaml", "--reader", "--json", "claims.jsonl", "in.jsonl").out
    )
    assert {one["cause"] for one in rules["differences"]} == {"rules"} and not rules["readings"]["figures"]
    plain = orjson.loads(run("backtest", "--rules", "new.yaml", "--against", "old.yaml", "--json", "in.jsonl").out)
    assert plain["readings"] is None and rules["differences"] == plain["differences"]


def test_a_changed_reader_is_told_from_a_changed_rule(run: Run, past: Path) -> None:
    """The log was written by a reader that missed one figure, saw one that is none, and took one for a tenth of what it is."""
    made = stories(120, 3)
    lines = archived(made)
    border = [line for line in lines if line["value"]["claim"]["indicator"] == "apprehensions"]
    missed, wrong, ghost = border[2], border[9], border[15]
    wrong["value"]["claim"] |= {"low": 600, "point": 600, "high": 600, "place": None}
    claim = ghost["value"]["claim"]
    false = claim | {"claim_id": "0" * 8, "start": claim["end"] + 2, "end": claim["end"] + 5, "quote": "11k", "low": 11_000, "high": 11_000}
    extra = ghost | {"offset": 9_999, "value": ghost["value"] | {"claim": false | {"point": 11_000}}}
    orphan = extra | {"offset": 10_000, "value": ghost["value"] | {"document": "nobody has the article any more"}}
    lines.remove(missed)
    pack(past / "claims.jsonl", [*lines, extra, orphan])
    arguments = ["--rules", "old.yaml", "--reader", "claims.jsonl", "in.jsonl"]
    told = orjson.loads(run("backtest", *arguments, "--json").out)
    figures = {one["kind"]: one for one in told["readings"]["figures"]}
    assert [told["readings"][name] for name in ("same", "added", "gone", "changed")] == [len(lines) - 1, 1, 1, 1]
    assert (figures["added"]["document"], figures["gone"]["quote"]) == (missed["value"]["document"], "11k")
    assert {"low", "high", "point", "place"} == set(figures["changed"]["fields"]) and figures["changed"]["fields"]["low"][0] == 600
    assert figures["changed"]["sentence"] == wrong["value"]["claim"]["sentence"]
    assert told["counts"]["without_article"] == 1 and told["old"]["hash"] == told["new"]["hash"]
    assert told["differences"] and {one["cause"] for one in told["differences"]} == {"reader"}
    done = run("backtest", *arguments, "--html", "page.html")
    assert done.status == 1 and "1 document without an article left out" in done.err
    assert "figure changed\t" in done.out and "low 600 -> " in done.out
    assert any(line.startswith("reader: ") for line in done.out.splitlines())
    page = (past / "page.html").read_text()
    assert Page(page).tags <= OURS and "because of the reader" in page and "3 figures read differently" in page
    both = orjson.loads(run("backtest", "--against", "new.yaml", *arguments, "--json").out)
    assert {one["cause"] for one in both["differences"]} == {"rules", "reader"}
    assert [one for one in both["differences"] if one["cause"] == "reader"] == told["differences"]


def test_a_past_of_which_nothing_can_be_read_is_no_past_of_same_alerts(run: Run, past: Path) -> None:
    write(past / "undated.jsonl", [{"text": "At the southwest border 12,000 people a day were apprehended."}] * 2)
    done = run("backtest", "--rules", "new.yaml", "--against", "old.yaml", "undated.jsonl")
    assert (done.status, done.out) == (2, "")
    assert done.err == "newsgauge: Nothing of this past can be read: 2 refused (bad_published).\n"


def test_one_difference_is_one(run: Run, past: Path) -> None:
    write(
        past / "one.jsonl",
        [{"text": "Officials said 10,500 people a day were apprehended at the southwest border.", "published": "2024-01-31"}],
    )
    assert run("backtest", "--rules", "new.yaml", "--against", "old.yaml", "--html", "page.html", "one.jsonl").status == 1
    assert "<h1>Backtest: 1 difference of alerts</h1>" in (past / "page.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["in.jsonl"], "compares with --against OLD"),
        (["--reader", "in.jsonl"], "needs files of both"),
        (["--reader", "--topic", "claims"], "takes no --topic"),
        (["--reader", "--from", "claims:0@3"], "are times"),
    ],
)
def test_what_a_backtest_of_readers_cannot_be_is_told(run: Run, past: Path, arguments: list[str], words: str) -> None:
    done = run("backtest", "--rules", "old.yaml", *arguments)
    assert done.status == 2 and words in done.err and not done.out


def test_figures_are_matched_by_id_then_by_their_words() -> None:
    base = convert(parse((GOLDEN.parents[1] / "claim" / "full.json").read_bytes()), ClaimRecord)

    def figure(name: str, start: int, **more: Any) -> ClaimRecord:
        return replace(base, claim=replace(base.claim, claim_id=name, start=start, end=start + 5, **more))

    def told(old: list[ClaimRecord], new: list[ClaimRecord]) -> list[tuple[str, list[str]]]:
        return [(one.kind, list(one.fields)) for one in changes(old, new)]

    one = figure("a", 10)
    assert told([one], [one]) == [] and told([], [one]) == [("added", [])] and told([one], []) == [("gone", [])]
    assert told([one], [figure("b", 12)]) == [], "the same figure, its words cut otherwise"
    assert told([one], [figure("b", 12, indicator="deaths")]) == [("changed", ["indicator"])]
    assert told([one], [figure("b", 12, indicator="deaths"), figure("c", 14)]) == [("added", [])], "its own indicator goes first"
    assert told([one], [figure("b", 15)]) == [("gone", []), ("added", [])]
    sure = one.claim.confidence
    assert told([one], [figure("a", 10, confidence=sure - 0.04)]) == []
    assert told([one], [figure("a", 10, confidence=sure - 0.06)]) == [("changed", ["confidence"])]


@given(st.lists(st.floats(0, 260), max_size=14))
def test_labels_of_thresholds_stand_apart_and_inside(wanted: list[float]) -> None:
    places = _apart(sorted(wanted))
    assert all(after - before >= LABEL_STEP - 1e-6 for before, after in pairwise(places))
    assert all(place <= TOP + PLOT + 1e-6 for place in places)


def test_a_few_wild_figures_do_not_flatten_a_chart(run: Run, past: Path) -> None:
    """Thresholds of 10 and 60, and some stories of tens of thousands of dead."""
    made = stories(60, 3)
    for story in made[::9]:
        story["text"] = "The earthquake killed 40,000 people, the mayor said."
    write(past / "wild.jsonl", made)
    run("backtest", "--rules", "new.yaml", "--against", "old.yaml", "--html", "page.html", "wild.jsonl")
    chart = (past / "page.html").read_text().split("deaths · deaths")[1].split("</svg>")[0]
    lines = [float(y) for y in re.findall(r'<line class="old" x1="[\d.]+" x2="[\d.]+" y1="([\d.]+)"', chart)]
    assert len(lines) == 2 and lines[1] - lines[0] > PLOT / 10


@pytest.mark.parametrize("where", ["nowhere/report.html", "."])
def test_a_page_that_cannot_be_written_is_told_before_the_work(run: Run, past: Path, where: str) -> None:
    done = run("backtest", "--rules", "new.yaml", "--against", "old.yaml", "--html", where, "in.jsonl")
    assert (done.status, done.out) == (2, "") and done.err.startswith(f"newsgauge: {where} cannot be written: ")
    assert len(done.err.splitlines()) == 1, "nothing was read"
