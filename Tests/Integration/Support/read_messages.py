"""Reads a topic with confluent-kafka and decodes it with fastavro: one JSON object a message.

Arguments: brokers, topic, schema file, schema id.
"""

import io
import json
import sys

import confluent_kafka
import fastavro

brokers, topic, schema_file, schema_id = sys.argv[1:]
schema = fastavro.schema.load_schema(schema_file)
consumer = confluent_kafka.Consumer(
    {
        "bootstrap.servers": brokers,
        "group.id": "independent-reader",
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
    payload = message.value()
    if payload[0] != 0 or int.from_bytes(payload[1:5], "big") != int(schema_id):
        sys.exit(f"offset {message.offset()}: not framed with schema {schema_id}")
    body = io.BytesIO(payload[5:])
    value = fastavro.schemaless_reader(body, schema)
    if body.read():
        sys.exit(f"offset {message.offset()}: bytes left over")
    value["key"] = message.key().decode()
    value["partition"] = message.partition()
    print(json.dumps(value, default=str))
consumer.close()
