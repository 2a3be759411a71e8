"""What a rule makes of one claim, taken apart for people: taken or refused, normalised how, and how it stands to each level.

The same functions decide here as in the flow; nothing is decided a second time.
"""

from dataclasses import dataclass

from schemas.alert import Grade, Normalised
from schemas.claims import ClaimRecord
from schemas.figure import Interval
from streams.core.assess import graded
from streams.core.grading import at_least
from streams.core.matching import Matched, Refusal, Within, match
from streams.core.rules import Level, Rule

__all__ = ["Judgement", "Stand", "judge"]


@dataclass(frozen=True, slots=True)
class Stand:
    """How a figure stands to one level. `meets`: as surely as the rule asks."""

    level: Level
    grade: Grade
    meets: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a rule makes of a claim. Refused: only `refusal` is there; else the group, the figure in the rule's period, and each level."""

    record: ClaimRecord
    refusal: Refusal | None = None
    group: tuple[tuple[str, str], ...] = ()
    figure: Interval | None = None
    normalised: Normalised | None = None
    stands: tuple[Stand, ...] = ()

    @property
    def level(self) -> Level | None:
        """The highest level that the figure meets."""
        return next((stand.level for stand in reversed(self.stands) if stand.meets), None)

    @property
    def near_miss(self) -> bool:
        """It may meet the mildest level, but not surely enough."""
        return bool(self.stands) and not self.stands[0].meets and self.stands[0].grade != "no"


def judge(rule: Rule, record: ClaimRecord, within: Within) -> Judgement:
    """`record` as `rule` sees it."""
    matched = match(rule, record, within)
    if not isinstance(matched, Matched):
        return Judgement(record=record, refusal=matched)
    normal = matched.normal
    stands = []
    for level in rule.when.levels:
        grade = graded(rule, normal.figure, normal.cap, level)
        stands.append(Stand(level, grade, at_least(grade, rule.when.certainty)))
    return Judgement(record=record, group=matched.group, figure=normal.figure, normalised=normal.source, stands=tuple(stands))
