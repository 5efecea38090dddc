#!/usr/bin/env bash
# Fuzzes Avro's readers with libFuzzer, one target after another: schemas, bodies, resolution, container files.
#
#   Tests/Fuzz/run.sh [SECONDS]     seconds for each target
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
limits=(-timeout=5 -rss_limit_mb=2048 "-artifact_prefix=$build/found/")
for target in schema body resolution container; do
    echo "fuzz: $target, $seconds s"
    log=$build/$target.log
    WEIR_FUZZ_TARGET=$target "$fuzz" "${limits[@]}" -max_len=4096 -max_total_time="$seconds" -print_final_stats=1 \
        "$build/corpus" "$corpus" >"$log" 2>&1 || { tail -n 60 "$log"; exit 1; }
    grep -E '^stat::(number_of_executed_units|slowest_unit_time_sec|peak_rss_mb)' "$log"
done

before=$(find "$corpus" -type f | wc -l)
# Of inputs that reach the same, the smallest are taken; larger ones than this are worth little to a test.
"$fuzz" "${limits[@]}" -max_len=600 -merge=1 "$corpus" "$build/corpus" >"$build/merge.log" 2>&1
echo "fuzz: $before inputs in the corpus before, $(find "$corpus" -type f | wc -l) now"
