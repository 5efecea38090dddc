#!/usr/bin/env bash
# Compares what each step of the engine costs, in instructions a record, with bench/micro/thresholds.txt.
#
#   bench/micro/check.sh             fails if a step costs over 3 % more than its threshold
#   bench/micro/check.sh --update    writes what was measured to thresholds.txt
#
# callgrind counts instructions: the same program gives the same number, however busy the machine is. What waits for
# memory does not show in it; `.build/release/micro-bench NAME RECORDS` says nanoseconds.
# Needs: a release build, valgrind.
set -euo pipefail
cd "$(dirname "$0")/../.."
thresholds=bench/micro/thresholds.txt
program=${WEIR_MICRO:-.build/release/micro-bench}
[ -x "$program" ] || { echo "build first: swift build -c release" >&2; exit 69; }
if [ "$(uname -m)" != x86_64 ]; then
    echo "$thresholds holds counts of x86_64 instructions: nothing to compare on $(uname -m)"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

count() { # NAME: the step's instructions a record to $work/NAME
    # Dictionaries that are seeded at random would not cost the same twice.
    SWIFT_DETERMINISTIC_HASHING=1 valgrind --tool=callgrind --callgrind-out-file=/dev/null --collect-atstart=no \
        --toggle-collect='*micro_bench9collected*' "$program" "$1" > "$work/$1.out" 2> "$work/$1.log" ||
        { tail -n 20 "$work/$1.log" >&2; return 70; }
    awk -v records="$(cut -f 2 "$work/$1.out")" '/Collected :/ { print $NF / records; found = $NF > 0 }
        END { exit !found }' "$work/$1.log" > "$work/$1" ||
        { echo "callgrind counted nothing of $1" >&2; return 70; }
}
export -f count

# Debian 12's valgrind gives up on the DWARF 5 of Swift's compiler.
strip --strip-debug -o "$work/program" "$program"
program=$work/program
export work program

"$program" | xargs -P 2 -I NAME bash -c 'set -euo pipefail; count NAME'

if [ "${1:-}" = --update ]; then
    {
        grep '^#' "$thresholds"
        for name in $("$program"); do printf '%-16s %8.0f\n' "$name" "$(cat "$work/$name")"; done
    } > "$work/thresholds"
    cp "$work/thresholds" "$thresholds"
fi

failed=0
printf '%-16s %10s %10s\n' step 'a record' threshold
for name in $("$program"); do
    threshold=$(awk -v name="$name" '$1 == name { print $2 }' "$thresholds")
    if [ -z "$threshold" ]; then
        echo "$name has no line in $thresholds" >&2
        failed=1
        continue
    fi
    awk -v name="$name" -v is="$(cat "$work/$name")" -v most="$threshold" 'BEGIN {
        change = (is / most - 1) * 100
        words = change > 3 ? sprintf("FAILED: %.1f %% over the threshold", change) : \
            change < -3 ? sprintf("%.1f %% below: lower the threshold (--update)", -change) : "ok"
        printf "%-16s %10.1f %10d  %s\n", name, is, most, words
        exit change > 3
    }' || failed=1
done
[ "$failed" -eq 0 ] || {
    echo "A step became slower. If that is the price of something wanted: bench/micro/check.sh --update, and say why in the commit." >&2
    exit 1
}
