#!/usr/bin/env bash
# What an event costs as organisations and partitions grow: four tables, their curves, and a report for each point.
#
#   bench/growth.sh [FOLDER]             # default bench/results/DATE; eight minutes, nothing else should run
#   DURATION=2s EVENTS=5000 RUNS=1 bench/growth.sh /tmp/growth    # to try the script; no figures to keep
#
# Organisations: a backlog over 64 partitions is caught up with; and a fixed load over 16, where commits come by the clock and
# not by the size of the backlog. Partitions: a fixed load, because the mock broker keeps no backlog worth measuring in one
# partition; once with the same linger, so that more partitions make smaller batches of the producer, and once with 50 records
# in each batch. Needs a release build.
set -euo pipefail
cd "$(dirname "$0")/.."
weir=${WEIR:-$PWD/.build/release/weir}
[ -x "$weir" ] || { echo "build first: make build" >&2; exit 69; }
out=${1:-bench/results/$(date -u +%Y-%m-%d)}
mkdir -p "$out"
duration=${DURATION:-10s} events=${EVENTS:-150000} runs=${RUNS:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

scenario() { # NAME PARTITIONS ORGANISATIONS PER-SECOND LINGER
    cat > "$work/$1.yaml" << END
scenario: $1
topology: $PWD/bench/w1/w1.yaml
schemas: $PWD/bench/w1/schemas
partitions: $2
warmup: 3s
duration: $duration
rate: { per_second: $4 }
events: { organisations: $3, skew: 0 }
producer: { linger: $5 }
kafka: [fetch.wait.max.ms=5]
END
}

bench() { # MODE FILE OPTION… — a lag that is refused (65) is no cost that is
    local status=0
    "$weir" bench "$@" || status=$?
    [ "$status" = 0 ] || [ "$status" = 65 ] || exit "$status"
}

table() { # TITLE COLUMN: from lines of a number and a report's path
    printf '\n## %s\n\n| %s | Weir, µs of CPU an event | PostgreSQL | rows written an event |\n|---|---|---|---|\n' "$1" "$2"
    python3 "$work/table.py"
}
cat > "$work/table.py" << 'END'
import json, statistics, sys

for line in sys.stdin:
    count, path = line.split()
    report = json.load(open(path))
    if report["mode"] == "drain":
        columns = report["tables"][0]["columns"]
        def median(name):
            return statistics.median(float(row[columns.index(name)]) for row in report["tables"][0]["rows"])
        rows = median("usage rows/event")
        print(f"| {count} | {median('Weir, µs/event'):.2f} | {median('PostgreSQL, µs/event'):.2f} | {rows:.2f} |")
    else:
        run = report["runs"][0]
        cost = {p["name"]: p["cpuSeconds"] * 1e6 / run["events"] for p in run["processes"]}
        rows = run["database"]["rowsWritten"] / run["events"]
        print(f"| {count} | {cost['weir']:.2f} | {cost['PostgreSQL']:.2f} | {rows:.2f} |")
END

: > "$work/organisations"
for count in 10 100 1000 10000 100000; do
    scenario "organisations-$count" 64 "$count" 200000 20ms
    bench drain "$work/organisations-$count.yaml" --events "$events" --runs "$runs" --out "$out/organisations-$count"
    echo "$count $out/organisations-$count.json" >> "$work/organisations"
done
steady() { # TABLE POINT PARTITIONS ORGANISATIONS LINGER
    scenario "$1-$2" "$3" "$4" 10000 "$5"
    bench run "$work/$1-$2.yaml" --out "$out/$1-$2"
    echo "$2 $out/$1-$2.json" >> "$work/$1"
}
for count in 10 100 1000 10000 100000; do
    steady organisations-steady "$count" 16 "$count" 20ms
done
for count in 1 4 16 64; do
    steady partitions "$count" "$count" 500 20ms
    steady batches "$count" "$count" 500 "$((5 * count))ms"
done
{
    printf '# What an event costs as organisations and partitions grow\n\n![The same as curves](growth.svg)\n'
    table "A backlog of $events events over 64 partitions (median of $runs)" organisations < "$work/organisations"
    table 'Organisations at a steady load: 10,000 events a second over 16 partitions, a linger of 20 ms' organisations \
        < "$work/organisations-steady"
    table '10,000 events a second, 500 organisations, a linger of 20 ms' partitions < "$work/partitions"
    table 'The same, 50 records in each batch of the producer' partitions < "$work/batches"
} | tee "$out/growth.md"
bench/growth-svg.py "$out/growth.md" > "$out/growth.svg"
