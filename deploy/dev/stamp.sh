#!/usr/bin/env bash
# Writes of which commit the built weir is, for the reports of weir bench: its SHA-256, and `git describe`. Only an
# executable with that very digest takes it for its own. Part of `make build`.
#
#   stamp.sh [EXECUTABLE]                # default .build/release/weir
set -euo pipefail
cd "$(dirname "$0")/../.."
weir=${1:-.build/release/weir}
stamp=$weir.commit
rm -f "$stamp"
# Sources that came without their history have no commit.
commit=$(git describe --always --dirty --abbrev=10 2>/dev/null) || exit 0
digest=$(sha256sum < "$weir")
printf '%s %s\n' "${digest%% *}" "$commit" > "$stamp.$$"
mv "$stamp.$$" "$stamp"
