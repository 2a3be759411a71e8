"""Who is told: matchers, routes, ends and retractions, silences, events that come twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.alert import Alert, Notify
from schemas.delivery import Matcher, Silence, Told
from streams.core.delivery.matchers import labels_of, matches, parse_matcher, told
from streams.core.delivery.receivers import Route
from streams.core.delivery.routing import Plan, plan, routed, seen_before
from tests.core.delivery.build import NOW, alert

LABELS = {"team": "migration", "level": "critical", "rule": "sw-border-daily", "place": "us"}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('level="critical"', True),
        ("level=critical", True),
        (' level = "critical" ', True),
        ('level="crit"', False),
        ('level!="warning"', True),
        ('team=~"mig.*"', True),
        ('team=~"mig"', False),
        ('team!~"mig"', True),
        ('team!~"mig.*"', False),
        ('nobody=""', True),
        ('nobody!=""', False),
        ('nobody=~".+"', False),
        (r'rule=~"sw\-border\-\w+"', True),
    ],
)
def test_a_matcher_holds_or_not(text: str, holds: bool) -> None:
    assert matches([parse_matcher(text)], LABELS) is holds


@pytest.mark.parametrize(
    "text", ["", "level", "level=", "=critical", 'level="critical', "level==x y", '9a="x"', 'level=~"("', "a,b=c" * 300, 'level=~"\udcff"']
)
def test_what_is_no_matcher_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"no matcher: expected|no regular expression|no text"):
        parse_matcher(text)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(a*)*(a*)*(a*)*b", "(x{1,100}){10}"])
def test_no_pattern_takes_long(pattern: str) -> None:
    """One that tries every way to part the text would take longer than the world has lasted."""
    assert not matches([Matcher(name="team", op="=~", value=pattern)], {"team": "a" * 50_000 + "!"})


@pytest.mark.parametrize("matcher", [Matcher(name="a", op="=", value='say "x" \\ y'), Matcher(name="a", op="=~", value=r'\d+"|\w')])
def test_a_matcher_that_is_written_is_read_again(matcher: Matcher) -> None:
    assert parse_matcher(told(matcher)) == matcher


def test_all_matchers_have_to_hold_and_none_is_all() -> None:
    assert matches([], LABELS)
    assert not matches([parse_matcher("level=critical"), parse_matcher("team=disasters")], LABELS)


def test_the_labels_of_an_alert_are_those_of_rule_and_group_and_its_level() -> None:
    assert labels_of(alert()) == {
        "team": "migration", "place": "us-southwest-border", "rule": "r", "level": "critical", "transition": "firing",
    }  # fmt: skip
    assert labels_of(alert("resolved"))["level"] == "critical", "the level that ended"
    assert labels_of(replace(alert(), labels={"level": "mine"}))["level"] == "critical"


ROUTE = Route.model_validate(
    {
        "receiver": "all",
        "routes": [
            {"matchers": ["level=critical"], "receiver": "oncall", "continue": True},
            {
                "matchers": ['team=~"mig.*"'],
                "receiver": "desk",
                "routes": [{"matchers": ["place=us"]}, {"matchers": ["place=uk"], "receiver": "uk"}],
            },
            {"matchers": ["team=migration"], "receiver": "never"},
        ],
    }
)


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ({}, ("all",)),
        ({"level": "critical"}, ("oncall",)),
        ({"team": "migration"}, ("desk",)),
        ({"team": "migration", "place": "us"}, ("desk",)),
        ({"team": "migration", "place": "uk"}, ("uk",)),
        ({"team": "migration", "level": "critical", "place": "uk"}, ("oncall", "uk")),
    ],
)
def test_the_deepest_route_that_matches_takes_an_alert_and_continue_goes_on(labels: dict[str, str], receivers: tuple[str, ...]) -> None:
    assert routed(ROUTE, labels) == receivers


SIMPLE = Route.model_validate({"receiver": "all", "routes": [{"matchers": ["level=critical"], "receiver": "oncall"}]})


def knows(of: Alert, *, is_open: bool = True) -> Told:
    return Told(alert_id=of.alert_id, event_id="e", offset=0, transition="firing", level="critical", at=NOW, open=is_open)


def silence(*matchers: str, begins: int = -1, ends: int = 1) -> Silence:
    hour = timedelta(hours=1)
    parsed = tuple(map(parse_matcher, matchers))
    return Silence(
        id="s", matchers=parsed, author="a", comment="c", created_at=NOW, starts_at=NOW + begins * hour, ends_at=NOW + ends * hour
    )


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (alert(mode="replay"), "not_live"),
        (alert(mode="test"), "not_live"),
        (alert(mode="shadow"), "not_live"),
        (alert(notify=Notify(decision="pending")), "pending"),
        (alert(notify=Notify(decision="late")), "late"),
        (alert(notify=Notify(decision="unlisted")), "unlisted"),
    ],
)
def test_what_is_not_to_be_told_goes_to_nobody_with_the_reason(event: Alert, why: str) -> None:
    assert plan(event, SIMPLE, [], {"oncall": knows(event)}, ["oncall"], NOW) == Plan(suppressed=why)


@pytest.mark.parametrize("end", [alert("resolved"), alert("expired"), alert("closed"), alert("retracted", level=None), alert("retracted")])
def test_an_end_and_a_retraction_go_to_those_who_were_told_whatever_routes_and_silences_say(end: Alert) -> None:
    quiet = [silence()]
    assert plan(end, SIMPLE, quiet, {"gone": knows(end), "old": knows(alert(episode=9))}, ["waiting"], NOW).receivers == ("gone", "waiting")
    assert plan(end, SIMPLE, quiet, {}, [], NOW) == Plan(suppressed="unrouted")
    assert plan(end, SIMPLE, quiet, {"all": knows(end, is_open=False)}, [], NOW) == Plan(suppressed="unrouted")


def test_a_lower_level_is_told_to_those_who_know_the_higher_one_too() -> None:
    down = alert("deescalated", level="warning")
    assert plan(down, SIMPLE, [], {"oncall": knows(down)}, [], NOW).receivers == ("all", "oncall")
    up = alert("escalated", level="critical")
    assert plan(up, SIMPLE, [], {"all": knows(up)}, [], NOW).receivers == ("oncall",)


def test_a_silence_keeps_back_what_matches_while_it_lasts() -> None:
    event = alert()
    kept = plan(event, SIMPLE, [silence("team=migration", "level=critical")], {}, [], NOW)
    assert (kept.receivers, kept.silenced, kept.silence and kept.silence.id) == ((), ("oncall",), "s")
    for other in (silence("team=x"), silence("team=migration", begins=1, ends=2), silence("team=migration", begins=-2, ends=0)):
        assert plan(event, SIMPLE, [other], {}, [], NOW).receivers == ("oncall",)


def test_an_event_that_came_before_is_known_and_an_episode_after_lost_state_is_new() -> None:
    seen = seen_before((), alert(sequence=1))
    assert seen is not None
    seen = seen_before(seen, alert("escalated", sequence=2))
    assert seen is not None
    assert seen_before(seen, alert(sequence=1)) is None and seen_before(seen, alert(sequence=2)) is None
    newer = seen_before(seen, alert(episode=2, sequence=1))
    assert newer is not None
    assert seen_before(newer, alert("escalated", sequence=2)) is None, "repeated after the next episode began"
    assert seen_before(newer, replace(alert(episode=2, sequence=1), alert_id="another")) is not None
    for episode in range(3, 40):
        newer = seen_before(newer, alert(episode=episode))
        assert newer is not None and len(newer) <= 8
