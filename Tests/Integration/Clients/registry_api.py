"""Confluent's Python client, and plain requests where it sends none, against a writable registry.

Arguments: the registry's address. It must hold subject usage, version 1, id 3: a record weir.Usage with an int a.
"""
import json
import sys
import urllib.error
import urllib.request

from confluent_kafka.schema_registry import (
    ConfigCompatibilityLevel, Schema, SchemaReference, SchemaRegistryClient, ServerConfig)
from confluent_kafka.schema_registry.error import SchemaRegistryError

url = sys.argv[1]
client = SchemaRegistryClient({"url": url})
checks = 0


def expect(found, wanted):
    global checks
    checks += 1
    if found != wanted:
        raise AssertionError(f"check {checks}: found {found!r}, wanted {wanted!r}")


def refused(call, *arguments):
    """Status and code of the error that a call ends with."""
    try:
        return f"no error: {call(*arguments)!r}"
    except SchemaRegistryError as error:
        return error.http_status_code, error.error_code


def plain(method, path, body=None, kind="application/vnd.schemaregistry.v1+json"):
    data = None if body is None else body.encode()
    request = urllib.request.Request(url + path, data, {"Content-Type": kind}, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["error_code"]


def usage(*more):
    fields = [{"name": "a", "type": "int"}, *more]
    return Schema(json.dumps({"type": "record", "name": "Usage", "namespace": "weir", "fields": fields}), "AVRO")


first, second = usage(), usage({"name": "b", "type": "string", "default": ""})
broken = usage({"name": "b", "type": "string"})

# What is there
expect(client.get_subjects(), ["usage"])
expect(client.get_versions("usage"), [1])
expect(client.get_versions("usage-value"), [1])
expect(json.loads(client.get_schema(3).schema_str), json.loads(first.schema_str))
newest = client.get_latest_version("usage")
expect((newest.subject, newest.version, newest.schema_id), ("usage", 1, 3))
expect(client.get_version("usage", 1).schema_id, 3)
expect(client.lookup_schema("usage", first).schema_id, 3)
expect(json.loads(client.get_schema_by_guid(newest.guid).schema_str), json.loads(first.schema_str))
expect(client.get_schema_types(), ["AVRO"])
expect(client.get_subjects_by_schema_id(3), ["usage"])
expect([(one.subject, one.version) for one in client.get_schema_versions(3)], [("usage", 1)])
expect(client.get_contexts(), ["."])
expect(client.get_referenced_by("usage", 1), [])
expect((client.get_global_mode(), client.get_mode("usage")), ("READWRITE", "READWRITE"))
expect(plain("GET", "/schemas/ids/3/schema"), (200, json.loads(first.schema_str)))
expect(plain("GET", "/"), (200, {}))

# What is not
expect(refused(client.get_versions, "nobody"), (404, 40401))
expect(refused(client.get_latest_version, "nobody"), (404, 40401))
expect(refused(client.get_version, "usage", 9), (404, 40402))
expect(refused(client.get_schema, 99), (404, 40403))
expect(refused(client.lookup_schema, "usage", second), (404, 40403))
expect(refused(client.lookup_schema, "nobody", second), (404, 40401))
expect(plain("GET", "/subjects/usage/versions/0"), (422, 42202))
expect(plain("GET", "/subjects/usage/versions/new"), (422, 42202))
expect(plain("GET", "/nowhere"), (404, 404))

# Promises
expect(client.get_compatibility(), "BACKWARD")
expect(refused(client.get_compatibility, "usage"), (404, 40408))
expect(client.test_compatibility("usage", second), True)
expect(client.test_compatibility("usage", broken), False)
expect(client.test_compatibility("usage", broken, 1), False)
expect(client.test_compatibility_all_versions("usage", second), True)
expect(refused(client.test_compatibility, "nobody", second), (404, 40401))
expect(refused(client.register_schema, "usage", broken), (409, 409))
status, answer = plain(
    "POST", "/compatibility/subjects/usage/versions/latest?verbose=true", json.dumps({"schema": broken.schema_str}))
expect((status, answer["is_compatible"]), (200, False))
expect("READER_FIELD_MISSING_DEFAULT_VALUE at /fields/1" in answer["messages"][0], True)
expect(plain("PUT", "/config/usage", '{"compatibility": "SIDEWAYS"}'), (422, 42203))
expect(refused(client.set_compatibility, "nobody", "FULL"), (404, 40401))

# Registering
expect(client.register_schema("usage-value", second), 4)
expect(client.get_versions("usage"), [1, 2])
expect(SchemaRegistryClient({"url": url}).register_schema("usage", second), 4)
client.set_compatibility("usage", "FORWARD")
expect(client.get_compatibility("usage"), "FORWARD")
expect(client.set_config("usage", ServerConfig(compatibility=ConfigCompatibilityLevel.NONE)), {"compatibility": "NONE"})
expect(client.get_config("usage").compatibility_level, "NONE")
expect(client.register_schema("usage", broken), 5)
money = Schema('{"type": "record", "name": "Money", "namespace": "m", "fields": []}', "AVRO")
expect(client.register_schema("money", money), 6)
line = Schema(
    '{"type": "record", "name": "Line", "fields": [{"name": "price", "type": "m.Money"}]}', "AVRO",
    [SchemaReference("m.Money", "money", 1)])
expect(client.register_schema("line", line), 7)
expect(client.lookup_schema("line", line).schema_id, 7)
expect(refused(client.register_schema, "line", Schema(line.schema_str, "AVRO")), (422, 42201))
expect(
    refused(client.register_schema, "line", Schema(line.schema_str, "AVRO", [SchemaReference("m.Money", "money", 2)])),
    (404, 40402))
for text, kind in [("{", "AVRO"), ('{"type": "nothing"}', "AVRO"), ("{}", "JSON"), ('syntax = "proto3";', "PROTOBUF")]:
    expect(refused(client.register_schema, "other", Schema(text, kind)), (422, 42201))
expect(refused(client.register_schema, "../../etc/passwd", first), (422, 42208))
expect(client.get_subjects(), ["line", "money", "usage"])

# What it does not do, and what is no request
expect(refused(client.delete_subject, "usage"), (422, 42205))
expect(refused(client.delete_version, "usage", 1), (422, 42205))
expect(refused(client.update_mode, "usage", "READONLY"), (422, 42205))
expect(plain("POST", "/subjects/usage/versions", "{"), (400, 400))
expect(plain("POST", "/subjects/usage/versions", "[]"), (400, 400))
expect(plain("POST", "/subjects/usage/versions", "{}"), (422, 42201))
# What a page in a browser could send without asking.
expect(plain("POST", "/subjects/usage/versions", json.dumps({"schema": '"int"'}), "text/plain"), (415, 415))

print(checks)
