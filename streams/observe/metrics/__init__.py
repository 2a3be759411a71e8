"""Every metric, one class a process. Declared here and nowhere else.

    base.py         what every process has, and how a family is declared: name, kind, help, labels with their values
    words.py        the closed words of the core that are labels
    worker.py       `WorkerMetrics`: articles, claims, rules and alerts
    notifier.py     `NotifierMetrics`: receivers and what was sent to them
    api.py          `ApiMetrics`: requests and streams
    replay.py       `ReplayMetrics`: what a replay came to, as a file
    table.py        the table of all of them in docs/metrics.md

Base units (seconds, bytes), `_total` for counters, closed label sets whose children stand at zero from the start; never a text, a URL
or a fingerprint as a label. A process makes one object with a registry of its own, so that nothing is global and tests start from zero.
Import the module of your process, not all of them: the worker's brings the lexicon with it.
"""
