"""What a worker that died reads again must change nothing, or its log would not say what it sent. And a long past needs no more memory."""

import gc
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random

from schemas.claims import Tick
from streams.core.claims import FAMILY_OF
from streams.core.entities import within
from streams.core.origin import COMPONENTS
from streams.core.pipeline import Watch
from streams.core.rules import RuleSet, parse
from streams.replay.playing import Given
from streams.replay.reading import Entry
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


def test_a_past_of_many_stories_leaves_no_more_objects_in_memory_than_a_short_one() -> None:
    found, draw = parse(rules()), Random(1)
    assert isinstance(found, RuleSet)
    player, counts = Given(found, {}), list[Counter[str]]()
    for day in range(240):
        for number in range(4):
            told = record(draw.randrange(5_000, 12_000), day=day + number / 4, publisher="paper", document=f"{day}/{number}")
            told = replace(told, signature=(700, *(draw.randrange(1 << 16) for _ in range(COMPONENTS))))
            assert len(list(player.play(Entry(told.published, 0, (told,))))) < 10
        if day in (79, 239):
            gc.collect()
            kinds = map(type, gc.get_objects())
            counts.append(Counter(kind.__name__ for kind in kinds if str(kind.__module__).startswith(("schemas.", "streams."))))
    assert counts[0]["Known"] > 50, "documents of a fortnight"
    assert not {name: more for name, more in (counts[1] - counts[0]).items() if more > 40}, "three times as much, and nothing more of it"
