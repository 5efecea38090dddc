#!/usr/bin/env bash
# Memory of a worker under steady input while PostgreSQL is away: is it flat, and is everything there afterwards?
# PostgreSQL is frozen (SIGSTOP), which is worse than stopped: it neither answers nor hangs up.
#
#   bench/memory/outage.sh [MINUTES] [MINUTES_AWAY] [RATE] [PARTITIONS]
#
# Default: 10 minutes, 5 of them away, 2,000 records a second, 64 partitions. The mock broker keeps 5 MB of a partition,
# so what is sent in all (about 170 bytes a record) must fit. Prints a report in Markdown; VmRSS is read each second.
# Needs: a release build and psql. Ends with 70 if a record is lost or counted twice.
set -euo pipefail
# shellcheck source=bench/servers.sh
. "$(dirname "$0")/../servers.sh"
minutes=${1:-10} away=${2:-5} rate=${3:-2000} partitions=${4:-64}
postmaster=
signal_server() { # SIGNAL: to PostgreSQL's processes, the one that makes the others first
    local children
    children=$(pgrep -P "$postmaster" || true)
    kill "-$1" "$postmaster"
    # One that has ended meanwhile is none to worry about.
    for child in $children; do kill "-$1" "$child" 2>/dev/null || true; done
}
# A frozen process takes no other signal.
trap '[ -z "$postmaster" ] || signal_server CONT 2>/dev/null || true; stop' EXIT
start_broker "w1:$partitions"
start_postgres
folder=$(sed -n 's/.*host=\([^ ]*\).*/\1/p' "$work/postgres")
postmaster=$(head -1 "$folder/data/postmaster.pid")
"$weir" migrate > /dev/null
"$weir" run bench/w1/w1.yaml --schemas bench/w1/schemas --report-every 1s > "$work/reports" 2> "$work/log" &
worker=$!
pids+=("$worker")

seconds=$((minutes * 60)) events=$((minutes * 60 * rate))
from=$(((minutes - away) * 30)) until=$(((minutes + away) * 30))
# The mock broker answers a fetch with one batch of each partition: from batches of one record nobody catches up.
"$weir" generate bench/w1/w1.yaml --schemas bench/w1/schemas --events "$events" --rate "$rate" --organisations 500 \
    --skew 0 --repeats 0.05 --late 0.01 --seed 7 --kafka linger.ms=500 --expect "$work/expected.json" --quiet & generator=$!
pids+=("$generator")
start=$(date +%s)
phase=before
while kill -0 "$generator" 2>/dev/null; do
    now=$(($(date +%s) - start))
    if [ "$phase" = before ] && [ "$now" -ge "$from" ]; then signal_server STOP; phase=away; fi
    if [ "$phase" = away ] && [ "$now" -ge "$until" ]; then signal_server CONT; phase=after; fi
    awk -v now="$now" -v phase="$phase" '/VmRSS/ {print now, phase, $2}' "/proc/$worker/status" >> "$work/samples" || {
        tail -5 "$work/log" >&2
        exit 70
    }
    sleep 1
done
if [ "$phase" = away ]; then signal_server CONT; fi

committed() {
    psql -qAtX "$WEIR_POSTGRES" -c \
        "SELECT coalesce(sum(counted + duplicates + conflicts + dead_letters), 0) FROM weir.partition"
}
for _ in $(seq 120); do [ "$(committed)" -ge "$events" ] && break; sleep 1; done
counted=$(psql -qAtX "$WEIR_POSTGRES" -c "SELECT sum(event_count) FROM billing.usage")
kill "$worker"
wait "$worker" || { echo "the worker ended with $?" >&2; exit 70; }

cat <<EOF
# Memory of a worker while PostgreSQL is away

\`bench/memory/outage.sh $minutes $away $rate $partitions\`: $seconds s at $rate records/s over $partitions partitions,
PostgreSQL frozen from second $from to second $until.

| | |
|---|---|
| date | $(date -u +%Y-%m-%dT%H:%M:%SZ) |
| commit | $(git rev-parse --short HEAD) |
| machine | $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg) at the end |

| phase | samples | VmRSS first, MiB | last | most | slope, KiB/s |
|---|---|---|---|---|---|
EOF
# The slope is that of the line of least squares; "away, full" begins where the worker may hold no more.
python3 - "$work/samples" "$from" "$until" "$rate" <<'PY'
import sys
path, begin, end, rate = sys.argv[1], *map(int, sys.argv[2:])
rows = [(int(t), p, int(kib)) for t, p, kib in (line.split() for line in open(path))]
full = begin + 2 * 100_000 // rate  # two batches: the one that waits and the one behind it
phases = [
    ("before", [r for r in rows if r[1] == "before"]), ("away", [r for r in rows if r[1] == "away"]),
    ("away, full", [r for r in rows if r[1] == "away" and r[0] >= full]),
    ("after", [r for r in rows if r[1] == "after"]), ("all", rows),
]
for name, part in phases:
    if len(part) < 3:
        continue
    xs, ys = [r[0] for r in part], [r[2] for r in part]
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sum((x - mx) ** 2 for x in xs)
    print(f"| {name} | {len(part)} | {ys[0] / 1024:.1f} | {ys[-1] / 1024:.1f} | {max(ys) / 1024:.1f} | {slope:+.1f} |")
PY
unique=$(python3 -c "import json; print(json.load(open('$work/expected.json'))['counts']['unique'])")
keys=$(sed -n 's/.*"remembered_keys":\([0-9]*\).*/\1/p' "$work/reports" | tail -1)
cat <<EOF

Events counted: $counted of $unique. Idempotency keys in memory at the end: $keys. Said by the worker:

\`\`\`
$(grep -E 'paused|resumed|gave up|lost partitions' "$work/log" | cut -c1-160)
\`\`\`
EOF
[ "$counted" = "$unique" ] || exit 70
