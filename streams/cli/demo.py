"""`newsgauge demo`: placeholder until the worker is there."""


def demo() -> None:
    """Demo."""
