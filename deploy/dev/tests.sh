#!/usr/bin/env bash
# Runs the tests; if some fail, ends with what failed, so that the last screen of a long log tells it.
#
#   tests.sh [argument of swift test …]
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
export WEIR_PYTHON=${WEIR_PYTHON:-$PWD/.build/venv/bin/python}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

swift test -c release --skip-build "$@" 2>&1 | tee "$log"
status=$?
if [ "$status" -ne 0 ]; then
    printf '\nWhat failed\n'
    # An issue is a line that names test, file and line, and the lines up to the next symbol, which explain it.
    awk '/^✘ .*recorded an issue/ { told = 1; lines = 0 } /^[✔✘◇➜]/ && !/recorded an issue/ { told = 0 }
        told && lines++ < 40 { print } /^✘ Test .*failed after/' "$log" | cut -c1-2000
fi
exit "$status"
