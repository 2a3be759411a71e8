"""The past at full speed, with the same pure code as the worker: no Faust, no group, nothing written to the topics of the flow.

    sources.py      records of `articles` or `claims`: from Kafka between two ends, or from files and archives
    archive.py      a record as one line of JSON, and back
    reading.py      articles become claims, in order, in other processes where asked
    runs.py         lines in order of their keys, sorted in runs on disk, so that memory stays flat
    past.py         the past as entries in order, which can be played more than once
    playing.py      the watch step: entries in, alerts out; with the rules that the log names, or with rules given
    checkpoint.py   where a replay stands, so that it can go on
    sinks.py        where alerts go: a file, a stream, a topic of their own
    replay.py       one replay from beginning to end, or from where it was stopped
    samples.py      reported figures as OpenMetrics, each at the time of its publication
    compare.py      what differs between the alerts of two rule sets
    series.py       the figures of each series, for charts
    rereading.py    what was read then, and what is read now, document by document
    readings.py     what differs between them, figure by figure
    backtest.py     both rule sets, or both readings, in one go
    chart.py        a chart of one series, as SVG
    page.py         a backtest as an HTML page

docs/replay.md says what holds.
"""
