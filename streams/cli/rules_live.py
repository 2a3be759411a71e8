"""What the rules in force hold, read from Kafka, and putting others in force."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from schemas.alert import Alert
from schemas.claims import ClaimRecord, RulesChange, decode_record
from schemas.codec import SchemaError, decode
from streams.cli.options import CommandError
from streams.config import Settings
from streams.core.claims import FAMILY_OF
from streams.core.entities import within
from streams.core.judging import Judgement, judge
from streams.core.kept import Clock, Stored
from streams.core.pipeline import Watch
from streams.core.rules import RuleSet
from streams.kafka import Admin, Last, read
from streams.kafka.rulebook import Rulebook, apply_rules
from streams.topics import CHANGELOG, CLAIMS, RULES

__all__ = ["Fed", "Held", "State", "apply", "changes", "state"]

NEWEST = 1_000
"""Records of `claims` that are looked through for what feeds a rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The state of one alert, and the clock of its partition. `fingerprint` is its key in `alerts`."""

    partition: int
    fingerprint: str
    clock: Clock
    stored: Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Fed:
    """What a rule made of the newest records of `claims`: how many each answer, and the newest that it took."""

    answers: Counter[str] = field(default_factory=Counter)
    newest: Judgement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The rules in force and what they hold. `looked_through`: records of `claims` behind `fed`."""

    rules: RuleSet
    partitions: dict[int, str]
    """The hash in force by partition; a partition without one has not been reached by any rules yet."""
    held: tuple[Held, ...]
    fed: dict[str, Fed]
    looked_through: int
    read_at: datetime


async def state(settings: Settings, given: RuleSet | None = None) -> State:
    """What the rules in force hold. With `given` those rules are described instead. Raises CommandError, aiokafka's errors."""
    await _require(settings)
    rulebook = await _rulebook(settings)
    rules = given or _current(rulebook)
    store = await _store(settings)
    fed, count = await _fed(settings, rules)
    return State(
        rules=rules,
        partitions={int(key.split("|")[0]): decode(value, str) for key, value in store.items() if key.endswith("|rules")},
        held=_held(store),
        fed=fed,
        looked_through=count,
        read_at=datetime.now(UTC),
    )


async def changes(settings: Settings, rules: RuleSet) -> tuple[Alert, ...]:
    """What `rules` would do to the alerts that are open now."""
    await _require(settings)
    rulebook = await _rulebook(settings)
    store = await _store(settings)
    known = {**rulebook.known, rules.hash: rules}
    now = datetime.now(UTC)
    found: list[Alert] = []
    missing = {decode(value, str) for key, value in store.items() if key.endswith("|rules")} - set(known)
    if missing:
        raise CommandError(f"The rules in force there ({', '.join(sorted(missing))}) cannot be read by this version.")
    for partition in sorted({int(key.split("|")[0]) for key in store}):
        watch = Watch(RuleSet((), ""), store, partition, family_of=dict(FAMILY_OF), within=within, known=known)
        found += watch.apply(RulesChange(hash=rules.hash, applied=now), now).alerts
    return tuple(found)


async def apply(settings: Settings, rules: RuleSet, text: str) -> int:
    """Put `rules`, whose file says `text`, in force; returns the number of partitions."""
    await _require(settings)
    async with Admin(settings) as admin:
        partitions = (await admin.partitions())[CLAIMS.name]
    await apply_rules(settings, rules, text, partitions)
    return partitions


async def _require(settings: Settings) -> None:
    async with Admin(settings) as admin:
        for topic in (CLAIMS, RULES, CHANGELOG):
            await admin.require(topic)


async def _rulebook(settings: Settings) -> Rulebook:
    rulebook = Rulebook(settings, dict(FAMILY_OF))
    await rulebook.load()
    return rulebook


def _current(rulebook: Rulebook) -> RuleSet:
    if rulebook.current is None:
        raise CommandError("No rules were ever put in force there: start a worker, or `newsgauge rules apply FILE`.")
    if rulebook.current not in rulebook.known:
        raise CommandError(f"The rules in force there ({rulebook.current}) cannot be read by this version.")
    return rulebook.known[rulebook.current]


async def _store(settings: Settings) -> dict[str, bytes]:
    """The worker's state: the last value of each key of its changelog."""
    store: dict[str, bytes] = {}
    async for record in read(settings, CHANGELOG.named(settings.topic_prefix), start="beginning"):
        key = (record.key or b"").decode()
        if record.value is None:
            store.pop(key, None)
        else:
            store[key] = record.value
    return store


def _held(store: Mapping[str, bytes]) -> tuple[Held, ...]:
    """Every series, open alerts first, then by rule and group."""
    found = []
    for key, value in store.items():
        partition, kind, name = (*key.split("|", 2), "", "")[:3]
        if kind == "series":
            clock = store.get(f"{partition}|clock")
            stored = decode(value, Stored)
            found.append(Held(partition=int(partition), fingerprint=name, clock=decode(clock, Clock) if clock else Clock(), stored=stored))
    order = {"firing": 0, "pending": 1, "idle": 2}
    return tuple(sorted(found, key=lambda one: (order[one.stored.series.phase], one.stored.rule, one.stored.group)))


async def _fed(settings: Settings, rules: RuleSet) -> tuple[dict[str, Fed], int]:
    """What each rule makes of the newest records of `claims`."""
    fed = {rule.id: Fed() for rule in rules.rules}
    count = 0
    async for record in read(settings, CLAIMS.named(settings.topic_prefix), start=Last(NEWEST)):
        try:
            claim = decode_record(record.value)
        except SchemaError:
            continue
        if not isinstance(claim, ClaimRecord):
            continue
        count += 1
        for rule in rules.rules:
            if FAMILY_OF[rule.match.indicator[0]] == claim.claim.family:
                judgement = judge(rule, claim, within)
                fed[rule.id].answers[judgement.refusal or "taken"] += 1
                if judgement.refusal is None:
                    fed[rule.id] = replace(fed[rule.id], newest=judgement)
    return fed, count
