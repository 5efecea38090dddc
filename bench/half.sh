#!/usr/bin/env bash
# The lag at half of the sustainable rate, each time at half of what the machine sustained a minute before: its speed
# changes within the hour, and with it the rate. Seven minutes or so for three rounds; nothing else should run meanwhile.
# Needs a release build.
#
#   bench/half.sh [FOLDER] [ROUNDS] [SCENARIO]      # default bench/results/DATE, 3, w1-steady
set -euo pipefail
cd "$(dirname "$0")/.."
weir=${WEIR:-$PWD/.build/release/weir}
[ -x "$weir" ] || { echo "build first: make build" >&2; exit 69; }
out=${1:-bench/results/$(date -u +%Y-%m-%d)}
rounds=${2:-3}
name=${3:-w1-steady}
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
scenario=bench/scenarios/$name.yaml

figure() { python3 -c "import json, sys; print(eval('json.load(open(sys.argv[1]))' + sys.argv[2]))" "$1" "$2"; }

table=""
for round in $(seq "$rounds"); do
    "$weir" bench sweep "$scenario" --from 40000 --duration 10s --warmup 2s --repeats 1 --out "$work/sweep"
    held=$(figure "$work/sweep.json" "['figures']['sustainable_per_s']")
    half=$(python3 -c "print(int($held / 2))")
    report=$out/$name-half-$round
    status=0
    "$weir" bench run "$scenario" --rate "$half" --duration 10s --warmup 2s --out "$report" || status=$?
    [ "$status" -eq 0 ] || [ "$status" -eq 65 ] || exit "$status"
    refused=""
    [ "$status" -eq 0 ] || refused=", refused"
    table+=$(printf '%s | %.0f | %s | %.1f | %.1f | %.1f%s' "$round" "$held" "$half" \
        "$(figure "$report.json" "['runs'][0]['load']['durable']['p50']")" \
        "$(figure "$report.json" "['runs'][0]['load']['durable']['p99']")" \
        "$(figure "$report.json" "['runs'][0]['load']['durable']['p999']")" "$refused")$'\n'
done
printf '\nround | held, events/s | half | p50 | p99 | p99.9, ms\n%s' "$table" | tee "$out/$name-half.md"
