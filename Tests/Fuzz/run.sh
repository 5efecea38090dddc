#!/usr/bin/env bash
# Fuzzes Avro's readers with libFuzzer: schemas, bodies, resolution, container files.
#
#   Tests/Fuzz/run.sh [SECONDS]
#
# Ends with an error, and the input in .build/fuzz/found, if something crashes, takes five seconds or 2 GiB. Otherwise
# the inputs that reach code which no input of the corpus reached are added to Tests/WeirAvroTests/Corpus.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-600}
corpus=Tests/WeirAvroTests/Corpus
build=.build/fuzz
mkdir -p "$build/found" "$build/corpus"

WEIR_FUZZ=1 swift build -c release --scratch-path "$build" --product weir-fuzz
fuzz=$build/release/weir-fuzz
limits=(-max_len=4096 -timeout=5 -rss_limit_mb=2048)
"$fuzz" "${limits[@]}" -max_total_time="$seconds" -print_final_stats=1 -artifact_prefix="$build/found/" \
    "$build/corpus" "$corpus"

before=$(find "$corpus" -type f | wc -l)
# Of inputs that reach the same, the smallest are taken; larger ones than this are worth little to a test.
"$fuzz" -max_len=600 -timeout=5 -merge=1 "$corpus" "$build/corpus" >/dev/null 2>&1
echo "fuzz: $before inputs in the corpus before, $(find "$corpus" -type f | wc -l) now"
