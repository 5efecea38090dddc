"""Answers whether schemas go together with Apache Avro for Python: one JSON line in, one JSON line out."""
import json
import sys

import avro.compatibility
import avro.schema


def compatibility(case):
    """The kinds of what is incompatible; an empty list if the reader reads whatever is written."""
    reader = avro.schema.parse(case["reader"])
    writer = avro.schema.parse(case["writer"])
    result = avro.compatibility.ReaderWriterCompatibilityChecker().get_compatibility(reader, writer)
    if result.compatibility is avro.compatibility.SchemaCompatibilityType.compatible:
        return []
    return sorted({kind.value.upper() for kind in result.incompatibilities})


for line in sys.stdin:
    answers = []
    for case in json.loads(line):
        try:
            answers.append({"value": compatibility(case)})
        except Exception as error:
            answers.append({"error": f"{type(error).__name__}: {error}"})
    print(json.dumps(answers), flush=True)
