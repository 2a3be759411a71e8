"""Every endpoint of a server that runs on real Kafka: what it answers, and how it refuses."""

import json
from datetime import timedelta

import pytest

from schemas.codec import encode
from streams.brokers.kafka import KafkaBroker
from streams.config import Settings
from streams.core.claims import FAMILY_OF
from streams.core.rules import RuleSet, parse
from streams.kafka.rulebook import apply_rules
from tests.api.build import START, Server, alert, send
from tests.api.conftest import Serve
from tests.core.build import record
from tests.live.flow import publish, wait_for

RULES = """
schema: 1
rules:
  - id: border
    title: At the border
    match: {indicator: [apprehensions], place: {is: us-southwest-border}}
    value: {unit: person, per: day}
    when: {levels: [{level: warning, at: 8_000, reset: 7_200}, {level: critical, at: 10_000}]}
  - id: secret
    title: Not yet for others
    state: shadow
    match: {indicator: [apprehensions]}
    when: {levels: [{level: warning, at: 1}]}
"""


async def test_an_alert_is_given_with_its_history_by_its_id_and_by_its_fingerprint(kafka: KafkaBroker, topics: str, serve: Serve) -> None:
    told = [alert("a"), alert("a", 2, "updated"), alert("a", 3, "retracted", level=None, previous_level="critical")]
    await send(kafka.bootstrap, topics, [*told, alert("b", mode="shadow"), b"no json", told[1]])
    server = serve()
    by_id = server.get("/v1/alerts/alert-a").json
    assert [one["event_id"] for one in by_id["history"]] == ["a:1", "a:2", "a:3"]
    assert by_id["alert"] == by_id["history"][-1]
    assert server.get("/v1/alerts/fingerprint-a").json == by_id
    assert server.get("/v1/alerts/alert-b").status == 404, "shadow alerts are for nobody"
    assert server.get("/v1/alerts?state=ended").json["alerts"] == [by_id["alert"]]


async def test_filters_and_pages_over_http(kafka: KafkaBroker, topics: str, serve: Serve) -> None:
    levels = ("warning", "critical")
    told = [alert(f"n{n}", started=START + timedelta(hours=n), level=levels[n % 2], labels={"team": f"t{n % 3}"}) for n in range(12)]
    await send(kafka.bootstrap, topics, told)
    server = serve()

    def found(query: str) -> list[str]:
        return [one["alert_id"] for one in server.get(f"/v1/alerts?{query}").json["alerts"]]

    assert found("level=critical&label=team%3Dt1") == ["alert-n7", "alert-n1"]
    assert found("level=critical&level=warning&limit=1") == ["alert-n11"]
    assert found("place=US&limit=1") == ["alert-n11"], "the border is in the country"
    assert found("place=mx-chiapas") == found("rule=other") == found("label=team%3D") == []
    first = server.get("/v1/alerts?limit=5").json
    await send(kafka.bootstrap, topics, [alert("n99", started=START + timedelta(days=9))])
    assert wait_for(lambda: found("limit=1") == ["alert-n99"], 120)
    second = server.get(f"/v1/alerts?limit=5&after={first['next']}").json
    third = server.get(f"/v1/alerts?limit=5&after={second['next']}").json
    seen = [one["alert_id"] for page in (first, second, third) for one in page["alerts"]]
    assert seen == [f"alert-n{n}" for n in reversed(range(12))]
    assert third["next"] is None


async def test_figures_and_rules_come_from_the_log_of_claims(kafka: KafkaBroker, topics: str, serve: Serve) -> None:
    rules = parse(RULES, family_of=dict(FAMILY_OF))
    assert isinstance(rules, RuleSet)
    server = serve()
    assert server.get("/v1/rules").json == {"rules_hash": None, "rules": []}
    claims = [record(9_000 + n, day=n) for n in range(3)]
    await publish(kafka.bootstrap, f"{topics}claims", [(b"border_flow", encode(one)) for one in [*claims, {"type": "what"}]])
    await apply_rules(Settings(bootstrap=kafka.bootstrap, topic_prefix=topics), rules, RULES, 3)
    assert wait_for(lambda: server.get("/v1/rules").json["rules_hash"] == rules.hash, 120)
    assert wait_for(lambda: [one["figures"] for one in server.get("/v1/series/names").json["series"]] == [3], 120)
    (shown,) = server.get("/v1/rules").json["rules"]
    assert (shown["id"], shown["place"]) == ("border", "us-southwest-border")
    assert shown["levels"] == [{"level": "warning", "at": 8000, "reset": 7200}, {"level": "critical", "at": 10000, "reset": 10000}]
    (name,) = server.get("/v1/series/names").json["series"]
    assert (name["indicator"], name["place"], name["per"], name["figures"]) == ("apprehensions", "us-southwest-border", "day", 3)
    answer = server.get("/v1/series?indicator=apprehensions&per=day&limit=2&from=2023-12-01").json
    assert [figure["point"] for figure in answer["figures"]] == [9_002, 9_001]
    older = server.get(f"/v1/series?indicator=apprehensions&per=day&limit=2&after={answer['next']}").json
    assert [figure["point"] for figure in older["figures"]] == [9_000]
    server.stop()
    server.start()
    assert server.get("/v1/rules").json["rules"] == [shown]
    assert server.get("/v1/series/names").json["series"] == [name]


@pytest.mark.parametrize(
    ("query", "name", "why"),
    [
        ("stat=open", "stat", "did you mean state?"),
        ("state=close", "state", "expected one of open, ended, pending, all"),
        ("limit=0", "limit", "from 1 to 1000"),
        ("limit=10&limit=20", "limit", "once"),
        ("limit=1e3", "limit", "whole number"),
        ("limit=%D9%A3", "limit", "whole number"),
        ("label=team", "label", "team=migration"),
        ("level=", "level", "1 to 200 characters"),
        (f"rule={'x' * 201}", "rule", "1 to 200 characters"),
        ("&".join(["rule=x"] * 21), "rule", "at most 20 times"),
        ("after=1~%00", "after", "`next` of an earlier answer"),
        ("%00=1", "\x00", "no such parameter"),
    ],
)
def test_a_wrong_query_is_refused_by_name_with_what_would_be_right(shared: Server, query: str, name: str, why: str) -> None:
    answer = shared.get(f"/v1/alerts?{query}")
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
    (fault,) = answer.json["errors"]
    assert (fault["where"], fault["name"]) == ("query", name)
    assert why in fault["detail"]
    assert fault["detail"] in answer.json["detail"]


@pytest.mark.parametrize("path", ["/v1/series", "/v1/series?indicator=what"])
def test_a_series_needs_an_indicator_that_there_is(shared: Server, path: str) -> None:
    answer = shared.get(path)
    assert answer.status == 400
    assert answer.json["errors"][0]["name"] == "indicator"


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/v1", "GET", 404),
        ("/v1/alerts/", "GET", 404),
        ("/v1/alerts/none", "GET", 404),
        ("/v1/alerts/%2e%2e%2f", "GET", 404),
        ("/page/..%2f..%2fconfig.py", "GET", 404),
        ("/page/index.html", "GET", 404),
        ("/page/none.js", "GET", 404),
        ("/%00", "GET", 404),
        ("/v1/alerts", "POST", 405),
        ("/v1/alerts/stream", "POST", 405),
        ("/v1/alerts", "OPTIONS", 405),
        ("/v1/alerts?cursor=1", "GET", 400),
        ("/v1/alerts/stream?cursor=2.AAAA.", "GET", 400),
        ("/healthz?x=1", "GET", 400),
    ],
)
def test_what_is_not_there_is_a_problem_too(shared: Server, path: str, method: str, status: int) -> None:
    answer = shared.get(path, method=method)
    assert (answer.status, answer.json["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("allow" in answer.headers) is (status == 405)


@pytest.mark.parametrize(
    "path", ["/", "/page/page.css", "/page/main.js", "/v1/alerts", "/v1/none", "/healthz", "/metrics", "/openapi.json"]
)
def test_every_answer_has_safe_headers(shared: Server, path: str) -> None:
    headers = shared.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert ("script-src 'self'" in policy) is path.startswith(("/page", "/?") if path != "/" else "/")
    assert "aiohttp" not in headers["server"].casefold()


def test_a_request_for_the_head_alone_ends_even_where_a_stream_would_not(shared: Server) -> None:
    assert shared.get("/v1/alerts", method="HEAD").status == 200
    assert shared.get("/v1/alerts/stream", method="HEAD").status == 404


def test_a_stream_is_one(shared: Server) -> None:
    stream = shared.stream()
    assert stream.answer.status == 200
    assert stream.answer.headers["Content-Type"] == "text/event-stream"
    assert stream.answer.headers["Cache-Control"] == "no-store"
    assert stream.answer.readline() == b"retry: 2000\n"
    stream.close()


def test_the_description_is_served_and_says_what_the_code_does(shared: Server) -> None:
    from streams.api.openapi import document

    assert shared.get("/openapi.json").json == json.loads(json.dumps(document()))


def test_the_metrics_count_requests_streams_and_records(shared: Server) -> None:
    shared.get("/v1/none")
    stream = shared.stream(headers={"Last-Event-ID": "what"})
    assert stream.take(1)[0].event == "reset"
    lag = 'newsgauge_api_lag_records{partition="0",topic="alerts"} 0.0'
    assert wait_for(lambda: lag in shared.get("/metrics").body.decode(), 120)
    page = shared.get("/metrics").body.decode()
    stream.close()
    for line in (
        'newsgauge_http_requests_total{code="404",route="unknown"}',
        'newsgauge_http_requests_total{code="200",route="/v1/alerts/stream"}',
        'newsgauge_sse_resumes_total{outcome="bad_cursor"}',
        'newsgauge_api_records_total{outcome="taken",topic="alerts"} 3.0',
        'newsgauge_api_held{what="open_alerts"} 3.0',
        "newsgauge_ready 1.0",
        'newsgauge_build_info{version="',
    ):
        assert line in page, line
    assert "newsgauge_sse_clients 0.0" not in page
