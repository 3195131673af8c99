# shellcheck shell=bash
# What all ops scripts share: messages, privileges, packages, builds. Sourced, never run.

set -Eeuo pipefail
umask 022
export LC_ALL=C.UTF-8
# sbin is missing in many users' PATH.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

# shellcheck disable=SC2034  # used by the scripts that source this file
repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
service_user=madoguchi
# nginx faces the network: it reads neither the keys nor the database.
proxy_user=madoguchi-nginx
started_at=$SECONDS
step_number=0
step_count=0

# --- messages ---

bold() { if [ -t 1 ]; then printf '\033[1m%s\033[0m' "$1"; else printf '%s' "$1"; fi; }
say() { printf '      %s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }

# step TITLE: a numbered headline with the time since the script began.
step() {
    step_number=$((step_number + 1))
    local elapsed=$((SECONDS - started_at))
    printf '[%d/%d] %02d:%02d  %s\n' "$step_number" "$step_count" $((elapsed / 60)) $((elapsed % 60)) "$(bold "$1")"
}

# die WHAT [WHAT-TO-DO...]: says what is wrong, then what to do, and ends with status 1.
die() {
    printf '\nerror: %s\n' "$1" >&2
    shift
    local line
    for line in "$@"; do printf '  -> %s\n' "$line" >&2; done
    exit 1
}

on_unexpected_error() {
    local status=$? line=$1 command=$2
    printf '\nerror: unexpected failure (status %d) in %s line %s: %s\n' "$status" "${BASH_SOURCE[1]##*/}" "$line" "$command" >&2
    exit "$status"
}
trap 'on_unexpected_error "$LINENO" "$BASH_COMMAND"' ERR

# last_lines FILE COUNT: the end of a log, indented, on standard error.
last_lines() { if [ -s "$1" ]; then tail -n "$2" "$1" | uniq | sed 's/^/  | /' >&2; fi; }

# The comment at the top of the running script is its help.
print_header() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; }

# --- privileges ---

# Runs the calling script again through sudo where it is not root. Call with the script and its arguments.
need_root() {
    [ "$(id -u)" -ne 0 ] || return 0
    command -v sudo >/dev/null || die "this needs root: it installs packages and runs services under an own user." \
        "run it as root, or install sudo and join its group."
    # The password of ops/start --database; sudo drops the environment else.
    if [ -n "${PGPASSWORD:-}" ]; then exec sudo --preserve-env=PGPASSWORD -- "$@"; fi
    exec sudo -- "$@"
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else
        command -v sudo >/dev/null || die "not root, and there is no sudo: can't run: $*" "run this script as root."
        sudo -- "$@"
    fi
}

# The owner of the clone builds, so that a build under sudo leaves no files of root in somebody's tree.
as_builder() {
    local owner
    owner="$(stat -c %U "$repository")"
    if [ "$(id -u)" -ne 0 ] || [ "$owner" = root ] || [ "$owner" = UNKNOWN ]; then
        "$@"
    else
        runuser -u "$owner" -- env HOME="$(getent passwd "$owner" | cut -d: -f6)" "$@"
    fi
}

# Runs a command as the unprivileged service user, with a clean environment and no way back up.
as_service() {
    (cd / && exec setpriv --reuid "$service_user" --regid "$service_user" --init-groups --no-new-privs -- \
        env -i PATH=/usr/bin:/bin LANG=C.UTF-8 HOME=/nonexistent "$@")
}

# --- the machine ---

require_debian_12() {
    local id='' version=''
    # shellcheck source=/dev/null
    [ ! -r /etc/os-release ] || { id="$(. /etc/os-release && echo "${ID:-}")"; version="$(. /etc/os-release && echo "${VERSION_ID:-}")"; }
    [ "$id" = debian ] && [ "$version" = 12 ] || die "this is ${id:-an unknown system} ${version}; Madoguchi is built for Debian 12." \
        "use a Debian 12 machine, virtual machine or container."
}

# require_disk DIRECTORY MEBIBYTES PURPOSE
require_disk() {
    local directory=$1 needed=$2 free
    while [ ! -d "$directory" ]; do directory="$(dirname "$directory")"; done
    free="$(df -Pm "$directory" | awk 'NR==2 {print $4}')"
    [ "$free" -ge "$needed" ] || die "disk full: $directory has $free MiB free, $3 needs about $needed MiB." \
        "free some space there (df -h $directory), or choose another disk with --data DIR."
}

# die_of_full_disk WHO: somebody's log said "No space left on device".
die_of_full_disk() {
    die "disk full: $1 could not write (its last lines stand above)." "free some space (df -h ${data:-$repository}), then run this again." \
        "what may go: ops/runbooks/disk-full.md"
}

# port_is_taken PORT: does anything listen on it, on any local address?
port_is_taken() { [ -n "$(listening_inodes "$1")" ]; }

listening_inodes() {
    local hexadecimal table
    hexadecimal="$(printf '%04X' "$1")"
    for table in /proc/net/tcp /proc/net/tcp6; do
        [ -r "$table" ] || continue
        awk -v port=":$hexadecimal" '$4 == "0A" && substr($2, length($2) - 4) == port {print $10}' "$table"
    done
}

# port_holder PORT: "nginx (process 123)" of whoever listens there; needs no tool that may be missing.
port_holder() {
    local inode descriptor process
    for inode in $(listening_inodes "$1"); do
        descriptor="$(find /proc/[0-9]*/fd -maxdepth 1 -lname "socket:\[$inode\]" -print -quit 2>/dev/null || true)"
        [ -n "$descriptor" ] || continue
        process="$(cut -d/ -f3 <<<"$descriptor")"
        printf '%s (process %s)' "$(tr '\0' ' ' <"/proc/$process/cmdline" | cut -c1-60)" "$process"
        return
    done
    printf 'another program'
}

# --- packages ---

# packages_of SECTION...: names from ops/packages.
packages_of() {
    local section
    for section in "$@"; do awk -v section="$section" '$1 == section {print $2}' "$repository/ops/packages"; done
}

missing_packages() {
    local package
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || echo "$package"
    done
}

has_node() {
    command -v node >/dev/null && command -v npm >/dev/null &&
        [ "$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -ge 18 ]
}

# install_packages SECTION...: installs what is missing, asks nothing, starts no service.
install_packages() {
    local missing wanted
    mapfile -t wanted < <(packages_of "$@")
    mapfile -t missing < <(missing_packages "${wanted[@]}")
    if [ "${#missing[@]}" -eq 0 ]; then say "packages: all there"; return; fi
    say "packages: installing ${#missing[@]}: ${missing[*]}"
    require_disk /usr 2500 "installing packages"
    local log=/tmp/madoguchi-apt.$$.log
    run_apt "$log" update
    prevent_default_services
    # The helper scripts must be there before the server package, whose installation would else create a cluster.
    if grep -qx 'postgresql-15' <<<"$(printf '%s\n' "${missing[@]}")"; then
        run_apt "$log" install postgresql-common
        as_root mkdir -p /etc/postgresql-common/createcluster.d
        echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.d/madoguchi-install.conf >/dev/null
    fi
    run_apt "$log" install "${missing[@]}"
    allow_default_services "${missing[@]}"
    rm -f "$log"
}

# run_apt LOG update|install [PACKAGE...]
run_apt() {
    local log=$1 action=$2
    shift 2
    local options=(-y -q -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold)
    [ "$action" = update ] || options+=(--no-install-recommends)
    : >"$log"
    if as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get "${options[@]}" "$action" "$@" 2>&1 </dev/null |
        show_apt_progress "$log" && ! grep -q '^W: Failed to fetch\|^Err:' "$log"; then
        return
    fi
    allow_default_services
    last_lines "$log" 12
    if grep -qi 'could not get lock\|is held by process' "$log"; then
        die "another program is installing packages, and did not finish within two minutes." \
            "wait for it (often unattended-upgrades), then run this again."
    elif grep -qi 'could not resolve\|temporary failure\|unable to connect\|failed to fetch\|connection timed out\|network is unreachable' "$log"; then
        die "no network: apt-get can't reach Debian's package archive." \
            "check the connection, the proxy (/etc/apt/apt.conf.d) and /etc/apt/sources.list, then run this again."
    elif grep -qi 'no space left' "$log"; then
        die "disk full while installing packages." "free some space (df -h; apt-get clean), then run this again."
    fi
    die "apt-get $action failed; its last lines stand above." "the whole log: $log"
}

# Keeps the whole output in the log; says how much is to be fetched, and then one line a hundred steps.
show_apt_progress() {
    local line count=0 waiting=false
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$1"
        case "$line" in
            *'Could not get lock'*)
                if [ "$waiting" = false ]; then say "apt: another program is installing packages; waiting for it, two minutes at most"; fi
                waiting=true
                ;;
            'Need to get '*) say "apt: ${line,}" ;;
            Get:* | 'Unpacking '* | 'Setting up '*)
                count=$((count + 1))
                if [ $((count % 100)) -eq 0 ]; then say "apt: ${line:0:70}"; fi
                ;;
        esac
    done
}

# While we install: no nginx on port 80, no "main" PostgreSQL cluster and no Kannel that nobody asked for. Other services start as usual.
prevent_default_services() {
    [ ! -e /usr/sbin/policy-rc.d ] || return 0
    printf '#!/bin/sh\n# madoguchi-install\ncase "$1" in nginx*|postgresql*|kannel*) exit 101 ;; esac\nexit 0\n' |
        as_root tee /usr/sbin/policy-rc.d >/dev/null
    as_root chmod 755 /usr/sbin/policy-rc.d
}

# allow_default_services [NEWLY-INSTALLED-PACKAGE...]: undoes the above; a fresh nginx or Kannel also stays off after a reboot.
allow_default_services() {
    if grep -qs '^# madoguchi-install$' /usr/sbin/policy-rc.d; then as_root rm -f /usr/sbin/policy-rc.d; fi
    as_root rm -f /etc/postgresql-common/createcluster.d/madoguchi-install.conf
    local service
    for service in nginx kannel; do
        if grep -qx "$service" <<<"$(printf '%s\n' "$@")" && [ -d /run/systemd/system ]; then
            as_root systemctl disable --quiet "$service" || warn "could not disable Debian's own $service service; it may start at the next boot."
        fi
    done
}

# --- builds ---

# As many compilers as there are cores, but no more than memory carries (about 1.5 GiB each).
build_jobs() {
    local cores memory
    cores="$(nproc)"
    memory="$(awk '/MemAvailable/ {print int($2 / 1024 / 1536)}' /proc/meminfo)"
    [ "$memory" -ge 1 ] || memory=1
    echo $((cores < memory ? cores : memory))
}

# build PRESET [TARGET...]: configures and builds build/PRESET; the whole log is build/PRESET/build.log.
build() {
    local preset=$1
    shift
    local tree="$repository/build/$preset" targets=()
    [ $# -eq 0 ] || targets=(--target "$@")
    as_builder mkdir -p "$tree"
    local log="$tree/build.log"
    as_builder bash -c ': >"$1"' _ "$log"
    [ -d "$tree/CMakeFiles" ] || require_disk "$tree" 2048 "a build"
    if ! (cd "$repository" && as_builder cmake --preset "$preset") >>"$log" 2>&1 </dev/null; then
        build_failed "$preset" "$log" "configuring"
    fi
    if ! (cd "$repository" && as_builder env NINJA_STATUS='[%f/%t %es] ' cmake --build --preset "$preset" -j "$(build_jobs)" "${targets[@]}") \
        2>&1 </dev/null | show_build_progress "$log"; then
        build_failed "$preset" "$log" "building"
    fi
}

build_failed() {
    grep -A 25 -m 1 '^FAILED:\|error:\|CMake Error' "$2" | cut -c1-300 | sed 's/^/  | /' >&2 || last_lines "$2" 25
    if grep -q 'No space left' "$2"; then die "disk full while building." "free some space: df -h $repository"; fi
    die "$3 build/$1 failed; the first error stands above." "the whole log: $2" \
        "if the tree is stale, remove build/$1 and run this again."
}

# Keeps the whole output in the log; shows a moving line on a terminal, else one line a tenth.
show_build_progress() {
    local line shown=-1 tenth
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$1"
        [[ $line =~ ^\[([0-9]+)/([0-9]+)\ ([0-9.]+)s ]] || continue
        if [ -t 1 ]; then
            printf '\r      compiling %s of %s, %s s \033[K' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[3]%.*}"
            shown=10
            continue
        fi
        tenth=$((BASH_REMATCH[1] * 10 / BASH_REMATCH[2]))
        if [ "$tenth" -ne "$shown" ]; then say "compiled ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]}, ${BASH_REMATCH[3]%.*} s"; fi
        shown=$tenth
    done
    if [ -t 1 ] && [ "$shown" -ge 0 ]; then printf '\n'; fi
    if [ "$shown" -lt 0 ]; then say "nothing to compile"; fi
}
