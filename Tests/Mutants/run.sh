#!/usr/bin/env bash
# Breaks Weir in one place after another, in a copy, and checks that the tests notice. A guard whose mutant lives is
# not tested.  Usage: run.sh [regular expression that a mutant's name has to match]
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
only=${1:-}
work=$(mktemp -d)
trap 'git worktree remove --force "$work/weir" >/dev/null 2>&1; rm -rf "$work"' EXIT
git worktree add --quiet --detach "$work/weir" HEAD
# Without optimisation only what a mutation touches is compiled again. The simulator takes longer then: fewer seeds.
build() { (cd "$work/weir" && swift build --build-tests); }
run_tests() { (cd "$work/weir" && timeout 900 swift test --skip-build --filter "$1"); } # FILTER
export WEIR_PYTHON=$PWD/.build/venv/bin/python WEIR_SIM_SEEDS=${WEIR_SIM_SEEDS:-1..1000}
table="$work/table"
alive=0
count=0

row() { printf '| %s | %s | %s |\n' "$1" "$2" "$3" | tee -a "$table"; }

# Red has to come from the mutation: without one, all the tests that are named have to be green.
filters=
mutant() { if [[ $1 =~ $only ]]; then filters+="${filters:+|}$4"; fi; }
# shellcheck source=Tests/Mutants/mutants.sh
. Tests/Mutants/mutants.sh
if ! build >"$work/log" 2>&1 || ! run_tests "$filters" >"$work/log" 2>&1; then
    grep -E 'error:|^✘' "$work/log" | tail -20
    echo "red without any mutation: mend that first" >&2
    exit 1
fi

# mutant NAME FILE SUBSTITUTION FILTER
mutant() {
    [[ $1 =~ $only ]] || return
    count=$((count + 1))
    local log="$work/log" red
    git -C "$work/weir" checkout --quiet .
    perl -0pi -e "$3" "$work/weir/$2"
    if git -C "$work/weir" diff --quiet; then
        alive=$((alive + 1))
        row "$1" "the mutation fits nothing in $2" "mend Tests/Mutants/mutants.sh"
        return
    fi
    if ! build >"$log" 2>&1; then
        alive=$((alive + 1))
        row "$1" "does not compile" "$(grep -m1 'error:' "$log" | cut -c1-120)"
        return
    fi
    if run_tests "$4" >"$log" 2>&1; then
        alive=$((alive + 1))
        row "$1" "**lives**" "$4"
    else
        red=$(grep -oE '✘ Test [A-Za-z]+\(' "$log" | sed 's/✘ Test //; s/(//' | sort -u | head -3 | paste -sd ' ')
        row "$1" "red" "${red:-timed out}"
    fi
}

row 'mutant' 'the tests' 'which'
row '---' '---' '---'
# shellcheck source=Tests/Mutants/mutants.sh
. Tests/Mutants/mutants.sh
echo
echo "$count mutants, $alive alive"
[ "$alive" -eq 0 ]
