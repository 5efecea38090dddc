"""fastavro's row of the decode benchmark: nanoseconds of a record, the best of several passes."""
import io
import json
import struct
import sys
import time

import fastavro


def records(path):
    with open(path, "rb") as file:
        data = file.read()
    at, found = 0, []
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def main(folder, contracts):
    for contract in contracts:
        bodies = records(f"{folder}/{contract}.records")[:20_000]
        with open(f"{folder}/{contract}.avsc") as file:
            writer = fastavro.parse_schema(json.load(file))
        with open(f"{folder}/{contract}.five.avsc") as file:
            five = fastavro.parse_schema(json.load(file))
        for name, reader in (("fastavro, all fields", None), ("fastavro, resolved to five fields", five)):
            best = float("inf")
            for _ in range(4):
                start = time.perf_counter()
                for body in bodies:
                    fastavro.schemaless_reader(io.BytesIO(body), writer, reader)
                best = min(best, time.perf_counter() - start)
            print(f"{contract}\t{name}\t{best / len(bodies) * 1e9}")


main(sys.argv[1], sys.argv[2:])
