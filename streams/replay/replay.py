"""One replay, from its beginning to its end or from where it was stopped. The same bytes come out either way."""

from collections import Counter
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic

from streams.core.rules import RuleSet
from streams.replay.checkpoint import Checkpoint, kept, save, state_of
from streams.replay.past import Past, Stopped
from streams.replay.playing import Given, Player, Recorded
from streams.replay.sinks import Sink

__all__ = ["Summary", "player", "replay"]

SAVE_SECONDS = 5.0
"""The least time between two checkpoints while alerts are written."""
LOOK_EVERY = 256
"""Entries between two looks at the clock and at whether to stop."""


@dataclass(slots=True)
class Summary:
    """What a replay came to. `counts`: see Past; `events`: alerts by transition, of the whole replay."""

    counts: Mapping[str, int]
    events: Counter[str] = field(default_factory=Counter)


def player(rules: RuleSet | None, known: Mapping[str, RuleSet], checkpoint: Checkpoint | None = None) -> Player:
    """`rules` over the past, or without them the rules that the log names."""
    state = state_of(checkpoint.state) if checkpoint else {}
    return Given(rules, state) if rules else Recorded(known, state)


async def replay(past: Past, rules: RuleSet | None, sink: Sink, checkpoint: Checkpoint, folder: Path, until: datetime | None) -> Summary:
    """Play `past` into `sink`, from `checkpoint` on, which is kept current in `folder`. Raises Stopped once that is safe."""
    past.counts.update({name: count for name, count in checkpoint.counts.items() if not name.startswith(_EVENT)})
    if checkpoint.step == "read":
        await past.gather(checkpoint.position, checkpoint.runs, lambda place, runs: _read(past, checkpoint, folder, place, runs))
        checkpoint.step, checkpoint.position = "watch", {}
        save(folder, checkpoint)
    else:
        past.reopen(checkpoint.runs)
    run = _Watching(past, sink, player(rules, past.known, checkpoint), checkpoint, folder)
    await sink.open(checkpoint.written)
    try:
        await run.all(until)
    finally:
        await sink.close()
    return Summary(past.counts, run.events)


_EVENT = "event:"


def _read(past: Past, checkpoint: Checkpoint, folder: Path, position: dict[str, int], runs: list[str]) -> None:
    checkpoint.position, checkpoint.runs, checkpoint.counts = dict(position), list(runs), dict(past.counts)
    save(folder, checkpoint)


class _Watching:
    """The second step of a replay."""

    def __init__(self, past: Past, sink: Sink, played: Player, checkpoint: Checkpoint, folder: Path) -> None:
        self._past = past
        self._sink = sink
        self._player = played
        self._checkpoint = checkpoint
        self._folder = folder
        self.events: Counter[str] = Counter(
            {name.removeprefix(_EVENT): count for name, count in checkpoint.counts.items() if name.startswith(_EVENT)}
        )

    async def all(self, until: datetime | None) -> None:
        position, saved = dict(self._checkpoint.position), monotonic()
        async with aclosing(self._past.entries(position)) as entries:
            number = 0
            async for entry, place in entries:
                number += 1
                for alert in self._player.play(entry):
                    self.events[alert.transition] += 1
                    await self._sink.write(alert)
                position[place[0]] = place[1]
                if number % LOOK_EVERY == 0:
                    halt = self._past.stopped()
                    if halt or monotonic() - saved >= SAVE_SECONDS:
                        await self._save(position)
                        saved = monotonic()
                    if halt:
                        raise Stopped
        for alert in self._player.finish(until):
            self.events[alert.transition] += 1
            await self._sink.write(alert)
        await self._sink.settle()

    async def _save(self, position: dict[str, int]) -> None:
        self._checkpoint.written = await self._sink.settle()
        self._checkpoint.position = dict(position)
        self._checkpoint.state = kept(self._player.state)
        self._checkpoint.rules = dict(self._past.texts)
        self._checkpoint.counts = dict(self._past.counts) | {_EVENT + name: count for name, count in self.events.items()}
        save(self._folder, self._checkpoint)
