"""Reads billing.usage.v1 with Confluent's own deserializer against a registry: one JSON object a message.

Arguments: brokers, registry, topic.
"""

import json
import sys

import confluent_kafka
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

brokers, registry, topic = sys.argv[1:]
deserializer = AvroDeserializer(SchemaRegistryClient({"url": registry}))
consumer = confluent_kafka.Consumer(
    {
        "bootstrap.servers": brokers,
        "group.id": "registry-reader",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
    }
)
partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
consumer.assign(
    [confluent_kafka.TopicPartition(topic, number, confluent_kafka.OFFSET_BEGINNING) for number in partitions]
)
open_partitions = set(partitions)
while open_partitions:
    message = consumer.poll(10)
    if message is None:
        sys.exit("no message within 10 s")
    if message.error():
        if message.error().code() != confluent_kafka.KafkaError._PARTITION_EOF:
            sys.exit(str(message.error()))
        open_partitions.discard(message.partition())
        continue
    usage = deserializer(message.value(), SerializationContext(topic, MessageField.VALUE))
    print(json.dumps(usage, default=str))
consumer.close()
