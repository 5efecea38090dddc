#!/usr/bin/env bash
# Breaks Weir in one place after another, in a copy, and checks that the tests notice. A guard whose mutant lives is
# not tested.  Usage: run.sh [part of a mutant's name]
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
only=${1:-}
work=$(mktemp -d)
python=$PWD/.build/venv/bin/python
trap 'git worktree remove --force "$work/weir" >/dev/null 2>&1; rm -rf "$work"' EXIT
git worktree add --quiet --detach "$work/weir" HEAD
[ -d .build ] && cp -r .build "$work/weir/.build" && rm -rf "$work"/weir/.build/*/release/ModuleCache
table="$work/table"
alive=0
count=0

row() { printf '| %s | %s | %s |\n' "$1" "$2" "$3" | tee -a "$table"; }

# mutant NAME FILE SUBSTITUTION FILTER
mutant() {
    case "$1" in *"$only"*) ;; *) return ;; esac
    count=$((count + 1))
    local log="$work/log" red
    git -C "$work/weir" checkout --quiet .
    perl -0pi -e "$3" "$work/weir/$2"
    if git -C "$work/weir" diff --quiet; then
        alive=$((alive + 1))
        row "$1" "the mutation fits nothing in $2" "mend Tests/Mutants/mutants.sh"
        return
    fi
    if ! (cd "$work/weir" && swift build -c release --build-tests) >"$log" 2>&1; then
        alive=$((alive + 1))
        row "$1" "does not compile" "$(grep -m1 'error:' "$log" | cut -c1-120)"
        return
    fi
    if (cd "$work/weir" && WEIR_PYTHON=$python timeout 600 swift test -c release --skip-build --filter "$4") >"$log" 2>&1
    then
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
