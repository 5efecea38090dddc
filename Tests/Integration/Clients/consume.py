"""A consumer of somebody else's: consume.py brokers group topic. Commits by itself, leaves at the end of its input."""

import select
import sys

from confluent_kafka import Consumer

brokers, group, topic = sys.argv[1:]
consumer = Consumer(
    {
        "bootstrap.servers": brokers,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "auto.commit.interval.ms": 100,
        "session.timeout.ms": 6000,
        "heartbeat.interval.ms": 300,
        "fetch.wait.max.ms": 20,
    }
)
consumer.subscribe([topic])
while not select.select([sys.stdin], [], [], 0)[0]:
    consumer.poll(0.05)
consumer.close()
