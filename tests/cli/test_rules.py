"""`newsgauge rules` and `newsgauge explain --rule`, as processes: files, and a real Kafka with a worker."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from streams.brokers.kafka import KafkaBroker
from streams.cli.child import WorkerProcess, free_port
from streams.cli.explain_rule import REFUSALS
from streams.core.matching import Refusal
from tests.cli.conftest import Run, environment
from tests.core.build import record, rule
from tests.live.flow import wait_for

SHIPPED = Path(__file__).parents[2] / "deploy" / "rules"
RULES = """\
schema: 1
rules:
  - id: daily
    title: Daily apprehensions
    match:
      indicator: [apprehensions]
      place: {is: us-southwest-border}
    value: {unit: person, per: day}
    when: {levels: [{level: warning, at: 8_000, reset: 7_200}, {level: critical, at: 10_000, reset: 9_000}]}
  - id: deaths
    title: Deaths
    match: {indicator: [deaths]}
    when: {levels: [{level: warning, at: 50}]}
    confirm: {min_origins: 2, within: 48h}
"""
TESTS = """\
rules: rules.yaml
tests:
  - name: it fires
    rule: daily
    articles:
      - {at: 2023-12-28, text: "CBP says 9,900 migrants a day are now apprehended at the southwest border."}
    expect:
      - {transition: firing, level: warning, value: 9_900}
"""
STORY = "Around 10,000 migrants have been apprehended daily at the southwest border this month, border patrol officials said."


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "rules.test.yaml").write_text(TESTS)
    return tmp_path


# --- check ----------------------------------------------------------------------------------------------------------------------


def test_good_files_are_ok(run: Run) -> None:
    paths = [str(path) for path in sorted(SHIPPED.glob("*.yaml")) if not path.name.endswith(".test.yaml")]
    result = run("rules", "check", "--strict", *paths)
    assert (result.status, result.err) == (0, "")
    assert [line.rpartition(": ")[2] for line in result.out.splitlines()] == ["ok, 6 rules", "ok, 4 rules"]


def test_every_fault_is_named_with_its_place_and_the_other_files_are_checked_too(run: Run, files: Path) -> None:
    (files / "bad.yaml").write_text(RULES.replace("reset: 7_200", "rest: 7_200").replace("[deaths]", "[deahts]").replace("48h", "2 days"))
    result = run("rules", "check", "bad.yaml", "rules.yaml")
    assert (result.status, result.out) == (2, "rules.yaml: ok, 2 rules\n")
    assert [line.split(": ", 1)[0] for line in result.err.splitlines()] == ["bad.yaml:9:49", "bad.yaml:14:31"]
    assert "did you mean 'reset'?" in result.err
    (files / "bad.yaml").write_text(RULES.replace("[deaths]", "[deahts]"))
    assert run("rules", "check", "bad.yaml").err == "bad.yaml:12:13: unknown indicator 'deahts'; did you mean 'deaths'?\n"


def test_a_warning_leaves_the_file_valid_unless_strict(run: Run, files: Path) -> None:
    (files / "odd.yaml").write_text(RULES.replace("us-southwest-border", "us-southwest-boarder"))
    result = run("rules", "check", "odd.yaml")
    assert (result.status, result.out) == (0, "odd.yaml: ok, 2 rules, 1 warning\n")
    assert result.err.startswith("odd.yaml:7:15: warning: no text speaks of the place 'us-southwest-boarder'; did you mean")
    assert run("rules", "check", "odd.yaml", "--strict").status == 1


def test_a_file_that_is_not_there_or_no_text(run: Run, files: Path) -> None:
    assert run("rules", "check", "nowhere.yaml").err == "newsgauge: nowhere.yaml cannot be read: No such file or directory.\n"
    (files / "bytes.yaml").write_bytes(b"schema: 1\n\xff")
    result = run("rules", "check", "bytes.yaml")
    assert (result.status, result.err) == (2, "newsgauge: bytes.yaml: byte 10 is not UTF-8.\n")


# --- test -----------------------------------------------------------------------------------------------------------------------


def test_tests_that_hold(run: Run, files: Path) -> None:
    result = run("rules", "test", "rules.test.yaml")
    assert (result.status, result.err) == (0, "")
    assert result.out == "rules.test.yaml (rules: rules.yaml)\n  ok      it fires\n1 test, all ok\n"


def test_a_test_that_fails_shows_expected_and_got_and_what_was_read(run: Run, files: Path) -> None:
    more = "      - {transition: resolved, level: null, value: 6_000}\n"
    (files / "rules.test.yaml").write_text(TESTS.replace("level: warning", "level: critical") + more)
    result = run("rules", "test", "rules.test.yaml")
    assert (result.status, result.err) == (1, "")
    assert result.out.splitlines()[1:] == [
        "  FAILED  it fires",
        '     1. differs          daily firing warning "9,900" at 2023-12-28T00:00 (level_crossed; place us-southwest-border)',
        "            level: expected critical, got warning",
        "     2. did not come     resolved (level none, value 6,000)",
        "    what the rules made of the input:",
        "        2023-12-28T00:00  article 1: daily applied 1",
        "1 test, 1 failed",
    ]
    told = json.loads(run("rules", "test", "--json", "rules.test.yaml").out)
    assert (told["file"], told["name"], told["ok"]) == ("rules.test.yaml", "it fires", False)
    assert [one["differences"] for one in told["transitions"]] == [[{"what": "level", "expected": "critical", "got": "warning"}], []]
    assert told["transitions"][0]["got"]["mode"] == "test" and told["transitions"][1]["got"] is None


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        ("rules.test.yaml", "expect:", "expct:", "rules.test.yaml:7:5: unknown key 'expct'; did you mean 'expect'?"),
        ("rules.test.yaml", "rule: daily", "rule: dayly", "rules.test.yaml:4:5: unknown rule 'dayly'; did you mean 'daily'?"),
        ("rules.test.yaml", "rules: rules.yaml", "rules: no.yaml", "rules.test.yaml:1:1: there is no rule file no.yaml"),
        ("rules.yaml", "per: day", "per: dy", "rules.yaml:8:27: Input should be 'day', "),
    ],
)
def test_a_faulty_file_of_tests_or_rules_is_status_two(run: Run, files: Path, name: str, old: str, new: str, fault: str) -> None:
    (files / name).write_text((files / name).read_text().replace(old, new))
    result = run("rules", "test", "rules.test.yaml")
    assert result.status == 2 and fault in result.err and result.out == ""


def test_the_example_of_the_page_holds(run: Run, tmp_path: Path) -> None:
    page = (SHIPPED.parents[1] / "docs" / "rules.md").read_text(encoding="utf-8")
    rules, tests = re.findall(r"```yaml\n(.*?)```", page, re.S)
    (tmp_path / "my-rules.yaml").write_text(rules)
    (tmp_path / "my-rules.test.yaml").write_text(tests)
    assert run("rules", "check", "--strict", "my-rules.yaml").status == 0
    result = run("rules", "test", "my-rules.test.yaml")
    assert (result.status, result.out.splitlines()[-1]) == (0, "2 tests, all ok")


# --- show, without a broker -----------------------------------------------------------------------------------------------------


def test_a_rule_in_words(run: Run, files: Path) -> None:
    result = run("rules", "show", "rules.yaml", "--rule", "deaths")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("deaths  Deaths\n    looks at deaths anywhere")
    assert "warning at 50 or more" in result.out and "needs 2 different origins within 2 days" in result.out
    told = json.loads(run("rules", "show", "rules.yaml", "--rule", "daily", "--json").out)
    assert (told["id"], told["when"]["levels"][1]["at"]) == ("daily", 10_000)
    assert run("rules", "show").out.startswith("sw-border-daily")


def test_a_rule_that_is_not_there(run: Run) -> None:
    result = run("rules", "show", "--rule", "sw-border-dayly")
    assert result.status == 2 and "did you mean 'sw-border-daily'?" in result.err


# --- explain --------------------------------------------------------------------------------------------------------------------


def test_an_article_against_a_rule_step_by_step(run: Run, files: Path) -> None:
    text = f"{STORY} Apprehensions at the southwest border could reach 14,000 a day."
    result = run("explain", text, "--published", "2023-12-28", "--rule", "daily", "--rules", "rules.yaml")
    assert (result.status, result.err) == (0, "")
    words = [
        "Around [10,000] migrants",
        "taken: it meets critical",
        "counts for place us-southwest-border; compared as stated: 9,000 to 11,000, best 10,000 per day",
        "critical at 10,000 or more: probable",
        "hypothetical: the text only supposes it, or says what could be",
        "this article alone: firing",
        "9,000 or less about a time after 2023-12-28 takes it back; without newer figures it expires at 2024-01-07 00:00Z",
    ]
    at = [result.out.find(word) for word in words]
    assert -1 not in at and at == sorted(at), result.out


def test_a_total_of_a_month_is_shown_as_it_is_compared(run: Run, files: Path) -> None:
    text = "In October, agents apprehended 300,000 migrants at the southwest border, CBP said."
    told = json.loads(run("explain", text, "--published", "2023-11-05", "--rule", "daily", "--rules", "rules.yaml", "--json").out)
    (step,) = told["claims"]
    assert (step["answer"], step["outcome"], round(step["figure"]["point"], 1)) == ("taken", "applied", 9677.4)
    assert (step["normalised_from"]["per"], step["normalised_from"]["days"]) == ("month", 31)
    assert [(level["level"], level["grade"], level["meets"]) for level in step["levels"]] == [
        ("warning", "certain", True),
        ("critical", "no", False),
    ]
    assert [alert["transition"] for alert in told["alerts"]] == ["firing"]


def test_how_many_voices_are_missing_and_until_when(run: Run, files: Path) -> None:
    text = "An earthquake in Turkey killed 64 people on Tuesday, the interior ministry said."
    result = run("explain", text, "--published", "2024-02-06", "--rule", "deaths", "--rules", "rules.yaml")
    assert "this article alone: pending" in result.out
    assert (
        "pending: 1 of 2 origins; 1 more origin with 50 or more (warning), published within 2 days, so by 2024-02-08 00:00Z" in result.out
    )


def test_an_article_that_says_nothing_to_the_rule(run: Run, files: Path) -> None:
    result = run("explain", "Nobody came on Monday.", "--rule", "deaths", "--rules", "rules.yaml")
    assert result.status == 0
    assert "nothing is told" in result.out and "would have to be 50 or more (warning)" in result.out


def test_rules_without_a_rule_and_a_rule_that_is_not_there(run: Run, files: Path) -> None:
    assert run("explain", "Some text.", "--rules", "rules.yaml").status == 2
    result = run("explain", "Some text.", "--rule", "nothing", "--rules", "rules.yaml")
    assert (result.status, result.err) == (2, "newsgauge: There is no rule 'nothing'. There are: daily, deaths.\n")


def test_every_refusal_has_a_sentence() -> None:
    assert set(REFUSALS) == set(get_args(Refusal))
    listed = "      attribution: {require: [us-dhs], deny: [us-cbp]}\n    value:"
    asked = rule(RULES.split("rules:\n")[1].split("  - id: deaths")[0].replace("    value:", listed))
    for made in (record(9_000), record(9_000, place=None, attribution=None, period="cumulative", unit=None)):
        for say in REFUSALS.values():
            assert re.fullmatch(r"[a-z][^{}]{10,}[^. ]", say(asked, made))


# --- in Kafka -------------------------------------------------------------------------------------------------------------------


def test_a_faulty_file_is_refused_before_anything_is_written(on_kafka: Run, files: Path) -> None:
    (files / "rules.yaml").write_text(RULES.replace("[deaths]", "[deahts]"))
    result = on_kafka("rules", "apply", "rules.yaml")
    assert (result.status, result.out) == (2, "")
    assert "rules.yaml:12:13: unknown indicator 'deahts'" in result.err
    assert on_kafka("tail", "claims", "--from-beginning").out == ""
    shown = on_kafka("rules", "show", "--live")
    assert (shown.status, shown.out) == (1, "")
    assert "No rules were ever put in force there" in shown.err


def test_rules_are_applied_to_every_partition(on_kafka: Run, files: Path) -> None:
    result = on_kafka("rules", "apply", "rules.yaml")
    assert (result.status, result.err) == (0, "")
    found = re.fullmatch(r"2 rules in force: hash ([0-9a-f]{16}), written to 3 partitions of claims\n", result.out)
    assert found
    records = [json.loads(line) for line in on_kafka("tail", "claims", "--from-beginning").out.splitlines()]
    assert [(one["type"], one["hash"]) for one in records] == [("rules", found[1])] * 3
    told = json.loads(on_kafka("rules", "apply", "rules.yaml", "--json").out)
    assert told == {"rules": 2, "hash": found[1], "partitions": 3}
    shown = on_kafka("rules", "show", "--live", "--rule", "deaths")
    assert "no partition has taken over any rules yet" in shown.out and "holds nothing" in shown.out


def until(on_kafka: Run, so: Callable[[Any], bool]) -> Any:
    """The state of the rules as soon as it is so."""
    told: list[Any] = []

    def look() -> bool:
        result = on_kafka("rules", "show", "--live", "--json")
        told[:] = [json.loads(result.out) if result.status == 0 else result.err]
        return result.status == 0 and so(told[0])

    assert wait_for(look), told
    return told[0]


async def test_the_state_of_a_running_worker_and_what_other_rules_would_do(
    on_kafka: Run, kafka: KafkaBroker, unique: str, files: Path
) -> None:
    given = environment(bootstrap=kafka.bootstrap, topic_prefix=f"{unique}.", partitions="3", rules=str(files / "rules.yaml"))
    worker = WorkerProcess(files, [], given, cwd=files, web_port=free_port())
    try:
        await worker.ready()
        (files / "stories.jsonl").write_text(
            "\n".join(
                json.dumps(story)
                for story in (
                    {"text": STORY, "published": "2023-12-28T12:00:00Z", "publisher": "Border Ledger"},
                    {"text": "Police in Poland apprehended 11,000 migrants a day last week, the ministry said.", "published": "2023-12-28"},
                    {"text": "An earthquake in Turkey killed 64 people on Tuesday, the ministry said.", "published": "2023-12-28"},
                )
            )
        )
        assert on_kafka("publish", "stories.jsonl").status == 0
        state = until(on_kafka, lambda told: {one["phase"] for one in told["series"]} == {"firing", "pending"})
        open_alert = next(one for one in state["series"] if one["phase"] == "firing")
        assert (open_alert["rule"], open_alert["level"], open_alert["group"]) == ("daily", "critical", {"place": "us-southwest-border"})
        assert (open_alert["expires_at"], open_alert["started_at"]) == ("2024-01-07T12:00:00Z", "2023-12-28T12:00:00Z")
        assert open_alert["figures"][0]["evidence"][0]["sentence"] == STORY
        fed = {one["id"]: one["fed"]["answers"] for one in state["rules"]}
        assert fed == {"daily": {"taken": 1, "other_place": 1}, "deaths": {"taken": 1}}
        assert set(state["partitions"].values()) == {state["rules_hash"]}

        shown = on_kafka("rules", "show", "--live")
        for words in (
            "FIRING critical",
            "expires at 2024-01-07 12:00Z of the news",
            "Around [10,000] migrants",
            "PENDING",
            "1 other place",
        ):
            assert words in shown.out, shown.out

        (files / "other.yaml").write_text(RULES.replace("10_000", "12_000").replace("9_000", "11_000"))
        dry = on_kafka("rules", "apply", "other.yaml", "--dry-run", "--json")
        (change,) = json.loads(dry.out)["alerts"]
        assert (change["transition"], change["level"], change["reason"]) == ("deescalated", "warning", "rule_changed")
        assert until(on_kafka, lambda told: True)["rules_hash"] == state["rules_hash"], "nothing was written"
        assert "1 open alert would change; nothing was written" in on_kafka("rules", "apply", "other.yaml", "--dry-run").out

        assert on_kafka("rules", "apply", "other.yaml").status == 0
        state = until(on_kafka, lambda told: any(one["level"] == "warning" for one in told["series"]))
        assert state["rules_hash"] == change["rule"]["rules_hash"]
        alerts = [json.loads(line) for line in on_kafka("tail", "alerts", "--from-beginning").out.splitlines()]
        assert [(one["rule"]["id"], one["transition"]) for one in alerts if one["transition"] != "pending"] == [
            ("daily", "firing"),
            ("daily", "deescalated"),
        ]
        assert alerts[-1]["event_id"] == change["event_id"], "the dry run told what would come, with its id"
    finally:
        worker.stop()
