"""The client side of Kafka for everything but the worker: commands, tests, and later replay and delivery.

connection.py  what every aiokafka client is given, TLS and passwords included; the one error type, KafkaClientError
admin.py       creates, checks and describes the topics of streams/topics.py
reader.py      reads a topic without a group: bounded by its end or endless, in the order of time
producer.py    writes with the broker's acknowledgement
"""

from streams.kafka.admin import Admin, Described
from streams.kafka.connection import KafkaClientError, translated
from streams.kafka.producer import Writer
from streams.kafka.reader import At, Last, Record, Start, read

__all__ = ["Admin", "At", "Described", "KafkaClientError", "Last", "Record", "Start", "Writer", "read", "translated"]
