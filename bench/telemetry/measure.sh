#!/usr/bin/env bash
# What telemetry costs: CPU per event of Weir on workload W1 with and without a console that is scraped each second.
#
#   bench/telemetry/measure.sh [EVENTS] [PARTITIONS] [ROUNDS]
#
# $WEIR_BEFORE names another build to compare with, as one from before lag was counted by partition. The variants take
# turns, so that a machine that slows down slows all of them.
set -euo pipefail
# shellcheck source=bench/servers.sh
. "$(dirname "$0")/../servers.sh"
events=${1:-1000000} partitions=${2:-64} rounds=${3:-5}
variants=(off on)
[ -z "${WEIR_BEFORE:-}" ] || variants=(before off on)

start_broker "w1:$partitions"
start_postgres
"$weir" generate bench/w1/w1.yaml --schemas bench/w1/schemas --events "$events" --organisations 500 --skew 0 \
    --repeats 0.05 --late 0.01 --span 1h --seed 7 --quiet

coproc question { psql -qAtX "$WEIR_POSTGRES"; }
committed() {
    echo "SELECT coalesce(sum(counted + duplicates + conflicts + dead_letters), 0) FROM weir.partition;" >&"${question[1]}"
    read -r answer <&"${question[0]}"
    echo "$answer"
}
cpu() { # PID: user and system time so far, in seconds
    awk -v hz="$(getconf CLK_TCK)" '{print ($14 + $15) / hz}' "/proc/$1/stat"
}

run() { # VARIANT: prints nanoseconds of CPU an event
    local program=$weir console=() pid started used done=0
    if [ "$1" = before ]; then program=$WEIR_BEFORE; fi
    if [ "$1" = on ]; then console=(--console :0); fi
    psql -qAtX "$WEIR_POSTGRES" -c 'DROP SCHEMA IF EXISTS weir, billing CASCADE' 2> /dev/null
    "$weir" migrate > /dev/null
    "$program" run bench/w1/w1.yaml --schemas bench/w1/schemas "${console[@]}" 2> "$work/log" &
    pid=$!
    pids+=("$pid")
    started=$(cpu "$pid")
    local address="" next=0
    while done=$(committed) && [ "$done" -lt "$events" ]; do
        kill -0 "$pid" || { cat "$work/log" >&2; exit 70; }
        if [ "$1" = on ]; then
            [ -n "$address" ] || address=$(grep -o 'http://[0-9.:]*' "$work/log" | head -n 1 || true)
            if [ -n "$address" ] && [ "$(date +%s)" -ge "$next" ]; then
                next=$(($(date +%s) + 1))
                curl --silent --fail --output "$work/page" "$address/metrics"
            fi
        fi
        sleep 0.02
    done
    used=$(cpu "$pid")
    kill "$pid"
    wait "$pid" || true
    awk -v used="$used" -v started="$started" -v events="$events" 'BEGIN {printf "%d\n", (used - started) / events * 1e9}'
}

for round in $(seq "$rounds"); do
    for variant in "${variants[@]}"; do
        run "$variant" >> "$work/$variant"
        echo "round $round, $variant: $(tail -n 1 "$work/$variant") ns of CPU an event"
    done
done
for variant in "${variants[@]}"; do
    echo "$variant: median $(sort -n "$work/$variant" | sed -n "$(((rounds + 1) / 2))p") ns"
done
