"""The life of an alert in one table: (phase, signal) -> (next phase, transition told). A missing pair is an error.

A signal is what the figures say of the level in force; it is found by `evaluate.py`, which acts on the answer of this table.
The diagram in docs/semantics.md is drawn from the table, and a test holds the two together.
"""

from typing import Literal, NamedTuple

from schemas.alert import Transition

Phase = Literal["idle", "pending", "firing"]
Signal = Literal[
    "nothing",  # no level is supported, or nothing changed
    "unconfirmed",  # a level is supported by fewer voices than the rule asks for
    "crossed",  # a higher level than the one in force is supported and confirmed
    "moved",  # same level: the value moved, another origin joined, or the figures began or ceased to disagree
    "lowered",  # newer figures meet the reset of the level, and still meet a lower level
    "reset",  # newer figures meet the reset of the level, and meet no lower one
    "corrected",  # evidence was corrected or withdrawn; a lower level still holds
    "withdrawn",  # evidence was corrected or withdrawn, and no level holds
    "stale",  # nothing fresh is left within `valid_for`
    "due",  # the time to repeat has come, and the evidence is still valid
    "closed",  # the rule was removed, switched off or changed so that the level no longer exists or holds
]


class Next(NamedTuple):
    """The phase after, and what subscribers are told; None: nothing."""

    phase: Phase
    transition: Transition | None


TABLE: dict[tuple[Phase, Signal], Next] = {
    ("idle", "nothing"): Next("idle", None),
    ("idle", "unconfirmed"): Next("pending", "pending"),
    ("idle", "crossed"): Next("firing", "firing"),
    ("idle", "withdrawn"): Next("idle", None),
    ("idle", "stale"): Next("idle", None),
    ("idle", "closed"): Next("idle", None),
    ("pending", "nothing"): Next("idle", None),
    ("pending", "unconfirmed"): Next("pending", None),
    ("pending", "crossed"): Next("firing", "firing"),
    ("pending", "withdrawn"): Next("idle", None),
    ("pending", "stale"): Next("idle", None),
    ("pending", "closed"): Next("idle", None),
    ("firing", "nothing"): Next("firing", None),
    ("firing", "crossed"): Next("firing", "escalated"),
    ("firing", "moved"): Next("firing", "updated"),
    ("firing", "lowered"): Next("firing", "deescalated"),
    ("firing", "reset"): Next("idle", "resolved"),
    ("firing", "corrected"): Next("firing", "retracted"),
    ("firing", "withdrawn"): Next("idle", "retracted"),
    ("firing", "stale"): Next("idle", "expired"),
    ("firing", "due"): Next("firing", "repeated"),
    ("firing", "closed"): Next("idle", "closed"),
}


def follow(phase: Phase, signal: Signal) -> Next:
    """What `signal` does in `phase`. KeyError for a pair that cannot be: a fault of the program, not of the input."""
    return TABLE[phase, signal]


def diagram() -> str:
    """The table as a Mermaid state diagram; pairs that change nothing are left out."""
    rows = ["stateDiagram-v2", "    [*] --> idle"]
    for (phase, signal), (after, transition) in TABLE.items():
        if phase != after or transition:
            rows.append(f"    {phase} --> {after}: {signal}{f' / {transition}' if transition else ''}")
    return "\n".join(rows) + "\n"
