#!/usr/bin/env bash
# What `make bench` does: the modes of weir bench on W1 and the billing topology, and one page of their reports.
# Ten minutes or so; nothing else should run meanwhile. Needs a release build.
#
#   bench/all.sh [FOLDER]                # default bench/results/DATE
set -euo pipefail
cd "$(dirname "$0")/.."
weir=${WEIR:-$PWD/.build/release/weir}
[ -x "$weir" ] || { echo "build first: make build" >&2; exit 69; }
out=${1:-bench/results/$(date -u +%Y-%m-%d)}
mkdir -p "$out"
refused=()

measure() { # NAME MODE ARGUMENTS...: a refused result is told at the end, and is in the page
    local name=$1 status=0
    shift
    echo "== $name: weir bench $*"
    "$weir" bench "$@" --out "$out/$name" || status=$?
    case $status in
    0) ;;
    65) refused+=("$name") ;;
    *) exit "$status" ;;
    esac
}

scenarios=bench/scenarios
measure steady run $scenarios/w1-steady.yaml
measure bursts run $scenarios/w1-bursts.yaml
measure hot run $scenarios/w1-hot.yaml
measure billing run $scenarios/billing-day.yaml --duration 30s
measure postgres-stops run $scenarios/w1-postgres-stops.yaml
measure recover recover $scenarios/w1-kill.yaml --runs 1
measure drain drain $scenarios/w1-drain.yaml --events 1000000 --runs 3
for load in steady even; do
    scenario=$scenarios/w1-$load.yaml
    measure $load-sweep sweep "$scenario" --from 20000 --duration 10s --warmup 2s --repeats 1
    # The lag at half of what is held, and at nine tenths.
    held=$(python3 -c "import json; print(int(json.load(open('$out/$load-sweep.json'))['figures']['sustainable_per_s']))")
    measure $load-half run "$scenario" --rate $((held / 2)) --duration 10s --warmup 2s
    measure $load-most run "$scenario" --rate $((held * 9 / 10)) --duration 10s --warmup 2s
done

reports=()
for name in steady bursts hot billing postgres-stops recover drain \
    steady-sweep steady-half steady-most even-sweep even-half even-most; do
    [ -f "$out/$name.json" ] && reports+=("$out/$name.json")
done
"$weir" bench page "${reports[@]}" --html "$out/index.html"
# The table of a sweep's probes has their percentiles; their histograms would be nine tenths of what the repository keeps of it.
python3 - "$out"/*-sweep.json << 'PY'
import json, sys
for name in sys.argv[1:]:
    report = json.load(open(name))
    report.pop("probes", None)
    json.dump(report, open(name, "w"), sort_keys=True)
PY
if [ "${#refused[@]}" -gt 0 ]; then
    echo "refused, because the generator fell behind: ${refused[*]}. Is something else running?" >&2
    exit 65
fi
