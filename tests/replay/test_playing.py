"""What a worker that died reads again must change nothing, or its log would not say what it sent."""

from datetime import timedelta

from schemas.claims import Tick
from streams.core.claims import FAMILY_OF
from streams.core.entities import within
from streams.core.pipeline import Watch
from streams.core.rules import RuleSet, parse
from tests.core.build import START, record
from tests.replay.stories import rules


def test_a_tick_that_is_read_again_on_later_state_does_nothing() -> None:
    """Read again, it would do at the clock of later records what the log does at a later tick: the same event with other times."""
    found, store = parse(rules()), dict[str, bytes]()
    assert isinstance(found, RuleSet)
    watch = Watch(found, store, 0, family_of=dict(FAMILY_OF), within=within, pinned=True)
    sent = [record(12_000, day=0, place=None), Tick(now=START + timedelta(days=1)), record(12_000, day=5, by="other")]
    for one in sent:
        verdict = watch.apply(one, START)
        watch.settle(verdict, store.__setitem__)
    assert watch.wake and watch.wake <= watch.clock.time, "something is due"
    again = watch.apply(sent[1], START)
    assert not again.alerts and not again.changes
    assert watch.apply(Tick(now=watch.clock.time), START).alerts
