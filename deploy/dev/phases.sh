#!/usr/bin/env bash
# Runs the phases of a make target one after another and ends with a table of where the time went.
#
#   phases.sh NAME COMMAND [NAME COMMAND …]
#
# Stops at the first phase that fails, with its exit code; the table shows which one it was.
set -uo pipefail

status=0
table=""
started=$SECONDS
while [ $# -ge 2 ] && [ "$status" -eq 0 ]; do
    printf '\n== %s\n' "$1"
    begun=$SECONDS
    bash -c "$2" || status=$?
    verdict=ok
    [ "$status" -eq 0 ] || verdict="FAILED, exit code $status"
    table+=$(printf '  %-14s %4d s  %s' "$1" $((SECONDS - begun)) "$verdict")$'\n'
    shift 2
done
printf '\nWhere the time went\n%s  %-14s %4d s\n' "$table" total $((SECONDS - started))
if [ "$status" -eq 0 ]; then
    echo "PASSED"
else
    echo "FAILED (exit code $status)"
fi
exit "$status"
