"""Answers questions about Avro with fastavro: one JSON line in, one JSON line out, many cases a line."""
import io
import json
import struct
import sys

import fastavro
import fastavro.read
import fastavro.schema

logical_readers = dict(fastavro.read.LOGICAL_READERS)


def plain(value):
    """A value as JSON that loses nothing: {"f": bits}, {"b": hex} and {"m": entries} for what JSON does not have."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return {"f": struct.pack(">d", value).hex()}
    if isinstance(value, (bytes, bytearray)):
        return {"b": bytes(value).hex()}
    if isinstance(value, dict):
        return {"m": {key: plain(item) for key, item in value.items()}}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return {"t": value.isoformat() if hasattr(value, "isoformat") else str(value)}


def decode(case):
    stream = io.BytesIO(bytes.fromhex(case["body"]))
    writer = fastavro.parse_schema(json.loads(case["writer"]))
    reader = json.loads(case["reader"]) if case.get("reader") else None
    value = fastavro.schemaless_reader(stream, writer, reader)
    if stream.read(1):
        raise ValueError("bytes are left")
    return plain(value)


def resolve(case):
    fastavro.read.LOGICAL_READERS.clear()
    return decode(case)


def logical(case):
    fastavro.read.LOGICAL_READERS.update(logical_readers)
    return decode(case)


def canonical(case):
    form = fastavro.schema.to_parsing_canonical_form(json.loads(case["writer"]))
    digests = [fastavro.schema.fingerprint(form, name) for name in ("CRC-64-AVRO", "md5", "sha256")]
    return [form] + digests


def read_container(case):
    """Metadata and records of a container file."""
    fastavro.read.LOGICAL_READERS.clear()
    with open(case["path"], "rb") as file:
        records = fastavro.reader(file)
        return [plain(records.metadata), [plain(record) for record in records]]


def write_container(case):
    """Writes the records that bodies hold to a container file."""
    fastavro.read.LOGICAL_READERS.clear()
    schema = fastavro.parse_schema(json.loads(case["writer"]))
    records = [fastavro.schemaless_reader(io.BytesIO(bytes.fromhex(body)), schema) for body in case["bodies"]]
    with open(case["path"], "wb") as file:
        fastavro.writer(
            file, schema, records, codec=case["codec"], sync_interval=case["interval"], metadata=case["metadata"]
        )
    return len(records)


questions = {
    question.__name__: question for question in (resolve, logical, canonical, read_container, write_container)
}
for line in sys.stdin:
    answers = []
    for case in json.loads(line):
        try:
            answers.append({"value": questions[case["question"]](case)})
        except RecursionError:
            answers.append({"error": "RecursionError"})
        except Exception as error:
            answers.append({"error": f"{type(error).__name__}: {error}"})
    print(json.dumps(answers), flush=True)
