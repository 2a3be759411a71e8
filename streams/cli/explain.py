"""`newsgauge explain`: placeholder until the reader is there."""


def explain() -> None:
    """Explain."""
