"""Reads billing.usage.v1 with Confluent's own deserializer against a registry: one JSON object a message.

Arguments: brokers, registry, topic.
"""

import json
import sys

import whole_topic
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

brokers, registry, topic = sys.argv[1:]
deserializer = AvroDeserializer(SchemaRegistryClient({"url": registry}))
for message in whole_topic.messages(brokers, topic):
    usage = deserializer(message.value(), SerializationContext(topic, MessageField.VALUE))
    print(json.dumps(usage, default=str))
