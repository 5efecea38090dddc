#!/usr/bin/env bash
# What a worker costs that has nothing to do: CPU time of one minute, with 64 partitions assigned, by thread.
#
#   bench/idle.sh [ARGUMENT of weir run …]
set -euo pipefail
# shellcheck source=bench/servers.sh
. "$(dirname "$0")/servers.sh"
start_broker "w1:64"
start_postgres
migrate_anew
"$weir" run bench/w1/w1.yaml --schemas bench/w1/schemas "$@" 2> "$work/log" & worker=$!
pids+=("$worker")
for _ in $(seq 600); do grep -q "took over partitions" "$work/log" && break; sleep 0.05; done
grep -q "took over partitions" "$work/log" || { cat "$work/log" >&2; exit 69; }
# What comes of taking over is done by then.
sleep 5

ticks() { # of each thread: name, user and system
    for thread in /proc/"$worker"/task/*; do
        printf '%s %s\n' "$(< "$thread/comm")" "$(sed 's/.*) //' "$thread/stat" | cut -d' ' -f12,13)"
    done
}
ticks > "$work/before"
sleep 60
ticks > "$work/after"
paste -d' ' "$work/before" "$work/after" | awk -v hertz="$(getconf CLK_TCK)" '
    { used = $5 + $6 - $2 - $3; total += used; if (used) printf "%-16s %.3f %% of a core\n", $1, used / hertz / 60 * 100 }
    END { printf "%-16s %.3f %% of a core\n", "all", total / hertz / 60 * 100 }'
