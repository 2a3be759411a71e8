"""The closed words that the core and the records decide by, as the values of labels: one vocabulary for both."""

from dataclasses import fields
from typing import get_args, get_type_hints

from schemas.alert import Grade, Transition
from schemas.article import Flag
from schemas.figure import Bound
from streams.core.claims import FAMILY_OF
from streams.core.evaluate import Outcome
from streams.core.intake import Rejected
from streams.core.matching import Refusal

__all__ = ["BOUNDS", "FLAGS", "GRADES", "INDICATORS", "OUTCOMES", "REASONS", "REFUSALS", "RESULTS", "TRANSITIONS"]

BOUNDS: tuple[str, ...] = get_args(Bound)
FLAGS: tuple[str, ...] = get_args(Flag)
GRADES: tuple[str, ...] = get_args(Grade)
INDICATORS = tuple(sorted(FAMILY_OF))
OUTCOMES: tuple[str, ...] = get_args(Outcome)
REASONS: tuple[str, ...] = get_args(get_type_hints(Rejected)[fields(Rejected)[0].name])
"""Why a record is refused."""
REFUSALS: tuple[str, ...] = get_args(Refusal)
"""Why a rule does not take a claim."""
RESULTS = tuple(dict.fromkeys((*REFUSALS, *OUTCOMES, "near_miss")))
"""What becomes of a claim at a rule."""
TRANSITIONS: tuple[str, ...] = get_args(Transition)
