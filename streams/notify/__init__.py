"""The notifier: from `alerts` to receivers, each event once, in order, whoever dies. What is decided stands in `streams.core.delivery`.

service.py    a notifier process: start, share partitions with others, watch over, stop
partition.py  one partition of `alerts` that this notifier owns: what waits there, and who was told what
store.py      its state in Kafka: written in transactions that fence an owner that was, read whole by the next one
followed.py   silences and disabled receivers, as every notifier follows them
asking.py     what the commands ask of notifiers, through the same topics
file.py       the file of receivers with its secrets, and its changes
sending.py    one try: a signed request, or a chat message
guard.py      which addresses may be called
"""
