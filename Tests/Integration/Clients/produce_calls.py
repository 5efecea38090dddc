"""Writes API calls with Confluent's own client, and says what it wrote: one JSON object a line.

Arguments: brokers, registry, topic, schema file, events, seed, where the schema is named (prefix or header).
A schema with a field `tier` gets values for it, one with the region AFRICA gets that, too.
"""

import json
import random
import sys

from confluent_kafka import Producer
from confluent_kafka.schema_registry import SchemaRegistryClient, header_schema_id_serializer, prefix_schema_id_serializer
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

brokers, registry, topic, schema_file, count, seed, place = sys.argv[1:]
with open(schema_file) as file:
    text = file.read()
fields = {field["name"]: field for field in json.loads(text)["fields"]}
regions = [symbol for symbol in fields["region"]["type"]["symbols"] if symbol != "UNKNOWN"]
dice = random.Random(int(seed))
serializer = AvroSerializer(
    SchemaRegistryClient({"url": registry}),
    text,
    conf={
        "schema.id.serializer": header_schema_id_serializer if place == "header" else prefix_schema_id_serializer,
    },
)
producer = Producer({"bootstrap.servers": brokers, "partitioner": "murmur2_random", "linger.ms": 5})
failures = []


def delivered(error, _):
    if error is not None:
        failures.append(str(error))


for number in range(int(count)):
    call = {
        "request_id": f"{seed}-{number}",
        "org_id": f"org-{dice.randrange(20)}",
        "called_at": 1_790_000_000_000 + dice.randrange(6 * 3_600_000),
        "client_id": f"client-{dice.randrange(50)}",
        "region": dice.choice(regions),
        "duration_ms": dice.randrange(10_000),
        "latency_us": dice.randrange(10_000_000),
        "quota_used": number,
    }
    if "tier" in fields:
        call["tier"] = dice.choice(["standard", "gold"])
    headers = []
    value = serializer(call, SerializationContext(topic, MessageField.VALUE, headers))
    if (value[0] == 0) != (place == "prefix") or bool(headers) != (place == "header"):
        sys.exit(f"the serializer did not write the schema where it was asked to: {headers} {value[:8]}")
    producer.produce(topic, key=call["org_id"].encode(), value=value, headers=headers, on_delivery=delivered)
    producer.poll(0)
    print(json.dumps(call))
producer.flush(60)
if failures:
    sys.exit(failures[0])
