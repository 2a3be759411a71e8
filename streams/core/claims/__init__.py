"""Claims: the figures of a text that report something, each with what a rule needs to trust it.

The way of one sentence through the package::

    quantities.Passage -> View          words, cues, places, times of the sentence             view
                       -> bind          which series each figure speaks of                     bind, distance, indicator
                       -> refuse        which figures report nothing                           refuse
                       -> timing        period and dates                                       period
                       -> modality      fact, older, hypothetical, planned, denied             modality
                       -> where, source place and attribution                                  place, attribution
                       -> Claim         with its confidence and the reasons for it             draft, confidence
    build: sentence after sentence; pieces: very long sentences in parts

Deterministic: the same text and date give the same claims. The work grows with the number of sentences that hold a figure.
"""

from collections.abc import Mapping
from types import MappingProxyType

from streams.core.claims.build import Reading, Silent, read
from streams.core.claims.draft import NAMESPACE, claim_id
from streams.core.claims.indicator import Indicators, compile_indicators, standard

FAMILY_OF: Mapping[str, str] = MappingProxyType({name: series.family for name, series in standard().by_name.items()})
"""The family of each indicator of the standard pack."""

__all__ = ["FAMILY_OF", "NAMESPACE", "Indicators", "Reading", "Silent", "claim_id", "compile_indicators", "read", "standard"]
