# shellcheck shell=bash
# Sourced by the set-up scripts: where things are, how to fail, how to ask Debian for a package.
# The script that sources it has set `name`, who speaks.

: "${name:?}"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=$root/.cache/setup

die() {
    echo "set-up ($name): $*" >&2
    exit 1
}

say() {
    echo "set-up ($name): $*" >&2
}

# One set-up at a time in this tree: a second one waits, and then finds nothing to do.
lock() {
    mkdir -p "$cache" || die "cannot write to $cache."
    exec 9>"$cache/$name.lock"
    ! command -v flock >/dev/null || flock 9
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }
}

refresh_lists() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >"$cache/apt.log" 2>&1 || true
}

# apt_install WHAT-FOR PACKAGE...
apt_install() {
    local purpose=$1
    shift
    may_install || die "$purpose is missing, and this user may not install it: install $* (or your system's equivalent) and run this again."
    say "installing $*"
    refresh_lists
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@" >>"$cache/apt.log" 2>&1 \
        || die "$purpose is missing and apt-get could not install $*; its output is in ${cache#"$root"/}/apt.log."
}
