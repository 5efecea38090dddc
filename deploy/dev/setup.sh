#!/usr/bin/env bash
# Installs what building and testing Weir needs and this machine lacks: Debian packages, a Python environment.
# Does nothing, and needs no network, when all is there. Run by `make setup`; works as root and with sudo.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly packages=deploy/dev/packages.txt
readonly requirements=deploy/dev/requirements.txt
readonly environment=.build/venv
readonly swift_needed=6.2

fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 69
}

missing_packages() {
    local package
    grep -v '^#' "$packages" | while read -r package _; do
        dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# The package lists may be absent (containers) or older than what the mirror holds: updated only if needed.
install_packages() {
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@")
    as_root "${install[@]}" || { as_root apt-get update && as_root "${install[@]}"; }
}

set_up_packages() {
    command -v dpkg-query >/dev/null ||
        fail "this is not Debian: install what $packages lists, by the names it has here, then run make with SETUP=:"
    local missing
    mapfile -t missing < <(missing_packages)
    [ "${#missing[@]}" -gt 0 ] || return 0
    echo "setup: installing ${missing[*]}"
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
        fail "not root and no sudo. As root:" "  apt-get update && apt-get install --yes ${missing[*]}"
    install_packages "${missing[@]}" ||
        fail "apt-get could not install them. As root:" "  apt-get update && apt-get install --yes ${missing[*]}"
}

check_swift() {
    local advice="Install Swift $swift_needed or later: https://www.swift.org/install/linux/"
    command -v swift >/dev/null || fail "there is no swift on the PATH." "$advice"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
    [ -n "$version" ] || fail "\`swift --version\` does not work." "$advice"
    printf '%s\n%s\n' "$swift_needed" "$version" | sort --version-sort --check=quiet ||
        fail "Swift $version is too old." "$advice"
}

# The environment is as good as the requirements it was made from: a copy of them inside says which.
set_up_python() {
    cmp --quiet "$requirements" "$environment/requirements.txt" && return 0
    echo "setup: making a Python environment in $environment"
    local python=/usr/bin/python3
    [ -x "$python" ] || python=python3
    "$python" -m venv --clear "$environment" ||
        fail "$python cannot make a virtual environment." "  apt-get install --yes python3-venv"
    "$environment/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" ||
        fail "pip could not install what $requirements lists; it needs PyPI, or a mirror of it in PIP_INDEX_URL."
    cp "$requirements" "$environment/requirements.txt"
}

set_up_packages
check_swift
if [ "${1:-}" = --with-python ]; then set_up_python; fi
