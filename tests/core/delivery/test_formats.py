"""What receivers read: the record itself, Alertmanager's webhook, Slack's, and plain text."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas.alert import Alert
from schemas.codec import decode, encode
from schemas.delivery import Notice
from streams.core.delivery.formats import body, text
from tests.core.delivery.build import NOW, alert, entry, later

NOTICE = Notice(
    event_id="0-1", kind="receiver_disabled", receiver="desk", reason="gone", at=NOW, summary="The receiver desk is disabled: gone."
)
NOTED = replace(entry(alert()), alert=None, notice=NOTICE)
BACK = replace(NOTED, notice=replace(NOTICE, event_id="0-2", kind="receiver_enabled", since=NOW, at=later(60), summary="It is back."))


def test_our_own_format_is_the_record_of_alerts() -> None:
    event = alert()
    assert decode(body(entry(event), "newsgauge"), Alert) == event
    assert body(entry(event), "newsgauge") == encode(event)
    assert json.loads(body(NOTED, "newsgauge"))["schema"] == "notice/1"


def test_alertmanagers_form_is_of_version_four() -> None:
    """Fields and types as in Alertmanager's documentation of its webhook receiver."""
    told = json.loads(body(entry(alert()), "alertmanager"))
    assert {name: type(value) for name, value in told.items()} == {
        "version": str, "groupKey": str, "truncatedAlerts": int, "status": str, "receiver": str, "groupLabels": dict,
        "commonLabels": dict, "commonAnnotations": dict, "externalURL": str, "alerts": list,
    }  # fmt: skip
    (one,) = told["alerts"]
    assert (told["version"], told["status"], one["status"], one["endsAt"]) == ("4", "firing", "firing", "0001-01-01T00:00:00Z")
    assert one["labels"] == {"team": "migration", "place": "us-southwest-border", "alertname": "r", "severity": "critical"}
    assert datetime.fromisoformat(one["startsAt"]) == datetime(2024, 2, 1, 12, tzinfo=UTC)
    assert one["annotations"]["value"] == "Around 12,000" and one["generatorURL"] == "https://news.example/1"
    assert all(isinstance(value, str) for value in (*one["labels"].values(), *one["annotations"].values()))


@pytest.mark.parametrize("end", [alert("resolved", 2), alert("expired", 2), alert("retracted", 2, level=None)])
def test_an_end_resolves_the_same_alert_there(end: Alert) -> None:
    begun, ended = (json.loads(body(entry(one), "alertmanager")) for one in (alert(), replace(end, previous_level="critical")))
    (one,) = ended["alerts"]
    assert one["status"] == ended["status"] == "resolved" and one["endsAt"] != "0001-01-01T00:00:00Z"
    assert one["labels"] == begun["alerts"][0]["labels"] and ended["groupKey"] == begun["groupKey"]
    assert one["fingerprint"] == begun["alerts"][0]["fingerprint"]


def test_a_text_cannot_call_a_channel_or_disguise_a_link_in_slack() -> None:
    hostile = replace(alert(), summary="<!channel> & <https://evil.example|our bank>", rule=replace(alert().rule, title="<!here>"))
    told = body(entry(hostile), "slack").decode()
    assert "<" not in told and ">" not in told and "&lt;!channel&gt; &amp; " in told
    said = json.loads(told)
    assert said["text"] == "FIRING critical &lt;!here&gt;" and said["attachments"][0]["color"] == "#c0392b"
    assert json.loads(body(entry(alert("resolved")), "slack"))["attachments"][0]["color"] == "#27ae60"


def test_hostile_words_mention_nobody_disguise_no_link_and_add_no_line() -> None:
    event = alert()
    proof = replace(
        event.evidence[0],
        sentence="@channel about 10,000 \u202e000,1\u202c [our bank](https://evil.example)\n\nRESOLVED all is well ![x](https://t.example/@all)",
        publisher="@here\r\n[The Example][1]\x1b[31m",
        url="https://bank.example@evil.example/@all",
    )
    hostile = entry(
        replace(event, summary="@all\n[1]: https://evil.example", evidence=(proof,), rule=replace(event.rule, title="@all\x07"))
    )
    slack = json.loads(body(hostile, "slack"))
    for said in (text(hostile), (slack["text"], slack["attachments"][0]["text"])):
        words = "\n".join(said)
        assert re.findall(r"@\w|\]\(|\]\[|\]:|!\[\w*\]\(", words) == [] and re.search("[\u202e\x1b\x07\r]", words) is None, words
        assert "@\u200bchannel about 10,000 ·000,1· [our bank]\u200b(https://evil.example)" in words
    assert len(text(hostile)[1].splitlines()) == 3
    assert text(hostile)[1].endswith(" · https://bank.example%40evil.example/%40all")
    script = replace(event, evidence=(replace(proof, url="javascript:alert(1)"),))
    assert "javascript" not in text(entry(script))[1] and json.loads(body(entry(script), "alertmanager"))["alerts"][0]["generatorURL"] == ""


def test_people_read_a_title_the_sentence_and_its_source() -> None:
    title, lines = text(entry(replace(alert(), summary="Up.")))
    assert title == "FIRING critical Daily apprehensions"
    summary, sentence, source = lines.splitlines()
    assert summary == "Up." and sentence.startswith("“Around 12,000 people") and source.endswith("https://news.example/1")
    assert text(entry(alert("resolved")))[0] == "RESOLVED (was critical) Daily apprehensions"


@pytest.mark.parametrize("form", ["newsgauge", "alertmanager", "slack"])
def test_a_notice_has_every_form(form: str) -> None:
    assert b"The receiver desk is disabled" in body(NOTED, form)  # type: ignore[arg-type]
    assert text(NOTED) == ("newsgauge: a receiver is disabled", NOTICE.summary)
    assert b"It is back." in body(BACK, form)  # type: ignore[arg-type]
    assert text(BACK) == ("newsgauge: a receiver is enabled again", "It is back.")


def test_a_receiver_that_is_back_resolves_what_its_notice_raised() -> None:
    (gone,), (back,) = (json.loads(body(one, "alertmanager"))["alerts"] for one in (NOTED, BACK))
    assert {name for name in gone if gone[name] != back[name]} == {"status", "endsAt", "annotations"}
    assert (gone["status"], back["status"], back["endsAt"]) == ("firing", "resolved", "2024-02-01T12:01:00Z")
    colours = [json.loads(body(one, "slack"))["attachments"][0]["color"] for one in (NOTED, BACK)]
    assert colours == ["#c0392b", "#27ae60"]
