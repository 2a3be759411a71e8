"""Confidence as a logistic sum of named reasons, whose weights are data."""

from math import exp

from schemas.figure import Reason
from streams.core import lexicon

__all__ = ["NAMED_FROM", "confidence"]

_WEIGHTS: dict[str, float] = {name: float(weight) for name, weight in lexicon.table("confidence")["weights"].items()}

NAMED_FROM: float = lexicon.table("confidence")["naming"]["least"]
"""A figure less sure than this is reported without the name of a series: a wrong name costs more than none."""


def confidence(reasons: dict[str, float]) -> tuple[float, tuple[Reason, ...]]:
    """The probability (0..1, three decimals) that the claim is right, and what made it: name -> how many times its weight counts.

    Raises:
        KeyError: a reason is not in the lexicon.
    """
    parts = tuple(Reason(name=name, weight=round(_WEIGHTS[name] * times, 3)) for name, times in {"base": 1.0, **reasons}.items() if times)
    return round(1 / (1 + exp(-sum(part.weight for part in parts))), 3), parts
