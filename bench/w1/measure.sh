#!/usr/bin/env bash
# CPU per event of Weir on workload W1 against limit.c, the same loop by hand in C that keeps nothing.
# Both read the same topic of the same broker; the ratio is what counts, the times are this machine's.
#
#   bench/w1/measure.sh [EVENTS] [PARTITIONS] [RUNS]
#
# Needs: a release build, gcc, librdkafka-dev, PostgreSQL, and the reference at $WEIR_REFERENCE
# (default ../shared/reference, beside the repository).
set -euo pipefail
# shellcheck source=bench/servers.sh
. "$(dirname "$0")/../servers.sh"
events=${1:-1000000} partitions=${2:-64} runs=${3:-5}
reference=${WEIR_REFERENCE:-../shared/reference}
[ -f "$reference/limit.c" ] || { echo "no limit.c in $reference: set WEIR_REFERENCE" >&2; exit 69; }

gcc -O3 -march=native "$reference/limit.c" -o "$work/limit" -lrdkafka
start_broker "w1:$partitions"
start_postgres

# Organisations alike: the mock broker keeps 5 MB a partition, and a heavy tail would overflow one.
"$weir" generate bench/w1/w1.yaml --schemas bench/w1/schemas --events "$events" --organisations 500 --skew 0 --text-bytes 20 \
    --repeats 0.05 --late 0.01 --span 1h --seed 7 --expect "$work/expected.json" --quiet
unique=$(python3 -c "import json; print(json.load(open('$work/expected.json'))['counts']['unique'])")

# One session for all questions: a psql for each would take one of the two cores that are measured.
coproc question { exec psql -qAtX "$WEIR_POSTGRES"; }
pids+=("$question_PID")
committed() {
    echo "SELECT coalesce(sum(counted + duplicates + conflicts + dead_letters), 0) FROM weir.partition;" >&"${question[1]}"
    read -r answer <&"${question[0]}"
    echo "$answer"
}
cpu() { # PID: user and system time so far, in seconds
    awk -v hz="$(getconf CLK_TCK)" '{print ($14 + $15) / hz}' "/proc/$1/stat"
}

for run in $(seq "$runs"); do
    # It waits for the last event for ever: should the broker have dropped some, say so.
    timeout 120 "$work/limit" "$WEIR_BROKERS" w1 "$events" > /dev/null 2> "$work/limit.$run" || {
        echo "limit.c did not find $events events: more than the mock broker keeps? Use more partitions." >&2
        exit 65
    }
    # With Weir's malloc, to tell what of the ratio is that.
    LD_PRELOAD=libtcmalloc_minimal.so.4 timeout 120 "$work/limit" "$WEIR_BROKERS" w1 "$events" > /dev/null \
        2> "$work/limit.tcmalloc.$run"
    migrate_anew
    "$weir" run bench/w1/w1.yaml --schemas bench/w1/schemas 2> "$work/weir.$run" &
    pid=$!
    pids+=("$pid")
    started=$(cpu "$pid")
    first=
    while done=$(committed) && [ "$done" -lt "$events" ]; do
        kill -0 "$pid" || { cat "$work/weir.$run" >&2; exit 70; }
        if [ -z "$first" ] && [ "$done" -gt 0 ]; then first=$(date +%s.%N); firstDone=$done; fi
        sleep 0.02
    done
    ended=$(date +%s.%N)
    used=$(cpu "$pid")
    memory=$(awk '/VmHWM/ {print int($2 / 1024)}' "/proc/$pid/status")
    kill "$pid"
    wait "$pid" || true
    counted=$(psql -qAtX "$WEIR_POSTGRES" -c "SELECT sum(event_count) FROM billing.usage")
    [ "$counted" = "$unique" ] || { echo "run $run: counted $counted, expected $unique" >&2; exit 70; }
    python3 - "$run" "$events" "$started" "$used" "$memory" "$first" "$ended" "$firstDone" "$work/limit.$run" \
        "$work/rows.json" <<'PY'
import json, os, re, sys
run, events, started, used, memory, first, ended, first_done, limit_file, rows_file = sys.argv[1:]
events = int(events)
text = open(limit_file).read()
def cpu_of(text):
    return float(re.search(r"cpu ([\d.]+) s", text).group(1)) / events * 1e9
limit_cpu = cpu_of(text)
limit_tcmalloc_cpu = cpu_of(open(limit_file.replace("limit.", "limit.tcmalloc.")).read())
limit_rate = float(re.search(r"(\d+) events/s", text).group(1))
limit_rss = int(re.search(r"rss (\d+) MB", text).group(1))
cpu = (float(used) - float(started)) / events * 1e9
rate = (events - int(first_done)) / max(1e-9, float(ended) - float(first))
row = {"run": int(run), "events": events, "weir_cpu_ns": round(cpu), "limit_cpu_ns": round(limit_cpu),
       "limit_tcmalloc_cpu_ns": round(limit_tcmalloc_cpu),
       "cpu_ratio": round(cpu / limit_cpu, 2), "weir_events_per_s": round(rate),
       "limit_events_per_s": round(limit_rate), "rate_ratio": round(rate / limit_rate, 2),
       "weir_rss_mb": int(memory), "limit_rss_mb": limit_rss}
rows = json.load(open(rows_file)) if os.path.exists(rows_file) else []
rows.append(row)
json.dump(rows, open(rows_file, "w"))
print(f"run {run}: Weir {row['weir_cpu_ns']} ns/event, limit.c {row['limit_cpu_ns']} ns/event "
      f"({row['limit_tcmalloc_cpu_ns']} with tcmalloc), "
      f"ratio {row['cpu_ratio']}; {row['weir_events_per_s']} and {row['limit_events_per_s']} events/s, "
      f"ratio {row['rate_ratio']}; {row['weir_rss_mb']} and {row['limit_rss_mb']} MB")
PY
done

python3 - "$work/rows.json" <<'PY'
import datetime, json, os, platform, statistics, subprocess, sys
rows = json.load(open(sys.argv[1]))
commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
result = {"benchmark": "w1", "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(), "commit": commit,
          "machine": f"{os.cpu_count()} cores, {platform.machine()}, Linux {platform.release()}",
          "broker": "librdkafka mock cluster", "median_cpu_ratio": statistics.median(r["cpu_ratio"] for r in rows),
          "median_rate_ratio": statistics.median(r["rate_ratio"] for r in rows), "runs": rows}
name = f"bench/results/{result['date']}/w1-{commit}.json"
os.makedirs(os.path.dirname(name), exist_ok=True)
json.dump(result, open(name, "w"), indent=2)
print(f"median CPU ratio {result['median_cpu_ratio']}, median rate ratio {result['median_rate_ratio']}: {name}")
PY
