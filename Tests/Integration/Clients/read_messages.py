"""Reads a topic with confluent-kafka and decodes it with fastavro: one JSON object a message.

Arguments: brokers, topic, schema file, schema id.
"""

import io
import json
import sys

import fastavro
import whole_topic

brokers, topic, schema_file, schema_id = sys.argv[1:]
schema = fastavro.schema.load_schema(schema_file)
for message in whole_topic.messages(brokers, topic):
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
