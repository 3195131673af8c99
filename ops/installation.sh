# shellcheck shell=bash
# One installation = one data directory: its layout, settings, and the two processes (server, nginx). Sourced by ops scripts.
#   settings port database        what ops/start was last told          postgres/ run/   private cluster and its socket
#   madoguchi.conf local.conf     server configuration; your additions  keys/ audit/     secrets (0700), signed audit head
#   app/                          the program as it runs                tls/ nginx/ log/ backups/

# shellcheck disable=SC2154  # repository, port: set by lib.sh and by the calling script
# shellcheck source=ops/postgres/cluster.sh
. "$repository/ops/postgres/cluster.sh"
# shellcheck source=ops/postgres/own-database.sh
. "$repository/ops/postgres/own-database.sh"
# shellcheck source=ops/kannel/kannel.sh
. "$repository/ops/kannel/kannel.sh"

# replace_file PATH OWNER MODE <CONTENT: writes only if it differs; true (0) if it was written.
replace_file() {
    local path=$1 owner=$2 mode=$3 fresh
    fresh="$(mktemp "$path.XXXXXX")"
    # The shell stops at no error inside "if" and "||": half a file must not get the name.
    if ! cat >"$fresh"; then
        rm -f "$fresh"
        warn "$path could not be written and stays as it was; is the disk full? (df -h $(dirname "$path"))"
        return 1
    fi
    chown "$owner" "$fresh"
    chmod "$mode" "$fresh"
    if cmp -s "$fresh" "$path"; then
        rm -f "$fresh"
        chown "$owner" "$path"
        chmod "$mode" "$path"
        return 1
    fi
    mv -f "$fresh" "$path"
}

# Logs of a trial installation stay bounded: two files of 50 MB at most.
rotate_log() {
    if [ -f "$1" ] && [ "$(stat -c %s "$1")" -gt 50000000 ]; then mv -f "$1" "$1.1"; fi
}

# use_data_directory DIRECTORY: sets the paths that everything below uses.
use_data_directory() {
    data="$(realpath -m "$1")"
    case "$data" in
        *[!A-Za-z0-9/._-]*) die "the path $data has characters that nginx or PostgreSQL configuration would need quoted." \
            "choose a data directory of letters, digits, '.', '_' and '-': --data DIR" ;;
    esac
    sockets="$data/run"
    # A Unix socket's path holds 107 bytes (unix(7)).
    if [ "${#sockets}" -gt 85 ]; then die "the path $data is too long for a Unix socket." "choose a shorter one: --data DIR"; fi
}

# use_installation [--data DIR]: for scripts that work on what ops/start made.
use_installation() {
    local directory="$repository/var"
    if [ "${1:-}" = --help ] || [ "${1:-}" = -h ]; then print_header; exit 0; fi
    if [ $# -gt 0 ]; then
        [ "$1" = --data ] && [ $# -eq 2 ] || die "unknown arguments: $*" "${0##*/} --help"
        directory=$2
    fi
    use_data_directory "$directory"
    [ -r "$data/settings" ] || die "$data is no Madoguchi data directory." "ops/start makes one; or name yours: --data DIR"
}

create_users() {
    local name
    for name in "$service_user" "$proxy_user"; do
        getent passwd "$name" >/dev/null && continue
        useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin "$name" ||
            die "can't create the system user '$name'." "see the line above; /etc/passwd must be writable."
        say "created the system user '$name'"
    done
}

can_enter() { as_service test -x "$1"; }

# Where the service user can't reach the clone (as under /root), var becomes a link to a directory that it can reach.
place_default_data_directory() {
    local link="$repository/var" place
    if [ -e "$link" ] || can_enter "$repository"; then return; fi
    install -d -m 755 /var/lib/madoguchi
    place="$(mktemp -d "/var/lib/madoguchi/$(basename "$repository" | tr -c 'A-Za-z0-9\n' -).XXXX")"
    ln -sfn "$place" "$link"
    say "the user '$service_user' can't enter $repository, so var/ is a link to $place"
}

# The mark is made first of all, so that an interrupted first start can go on.
refuse_foreign_directory() {
    if [ -d "$data" ] && [ ! -e "$data/settings" ] && [ -n "$(ls -A "$data")" ]; then
        die "$data is not empty, and is no Madoguchi data directory." "give an empty or new directory: --data DIR"
    fi
}

lay_out_data_directory() {
    refuse_foreign_directory
    mkdir -p "$data"
    chmod 755 "$data"
    [ -e "$data/settings" ] || : >"$data/settings"
    can_enter "$data" || die "the user '$service_user' can't enter $data: a directory above it is closed to others." \
        "choose another place (--data /var/lib/madoguchi/trial), or open that directory: chmod o+x."
    local name
    for name in run keys audit; do install -d -o "$service_user" -g "$service_user" -m 700 "$data/$name"; done
    install -d -o "$proxy_user" -g "$proxy_user" -m 700 "$data/nginx"
    # nginx may pass through to its own two files.
    install -d -o "$service_user" -g "$proxy_user" -m 710 "$data/log"
    install -d -m 755 "$data/tls"
    install -d -m 700 "$data/backups"
}

# --- settings: lines "name value" ---

setting() { if [ -r "$data/settings" ]; then awk -v name="$1" '$1 == name {print $2}' "$data/settings"; fi; }

# choose_ports PORT: the four inner ones are picked once and kept; picked anew only if somebody else took them.
choose_ports() {
    interactive_port="$(setting interactive)"
    hashing_port="$(setting hashing)"
    steps_port="$(setting steps)"
    files_port="$(setting files)"
    [ -n "$interactive_port" ] && [ -n "$files_port" ] && [ "$(setting port)" = "$1" ] && { server_runs || inner_ports_are_free; } && return
    interactive_port=$(($1 > 1400 ? $1 - 362 : 8081))
    hashing_port=$((interactive_port + 1))
    steps_port=$((interactive_port + 2))
    files_port=$((interactive_port + 3))
    until inner_ports_are_free; do
        interactive_port=$((interactive_port + 4))
        hashing_port=$((interactive_port + 1))
        steps_port=$((interactive_port + 2))
        files_port=$((interactive_port + 3))
        [ "$interactive_port" -lt 65000 ] || die "no free port on the loopback address for the server." "see: ss -ltnp"
    done
}

inner_ports_are_free() {
    local inner
    for inner in "$interactive_port" "$hashing_port" "$steps_port" "$files_port"; do
        if [ "$inner" -eq "$port" ] || port_is_taken "$inner"; then return 1; fi
    done
}

# --- certificate and secrets ---

create_certificate() {
    local tls="$data/tls"
    if [ -s "$tls/server.key" ] && openssl x509 -in "$tls/ca.pem" -noout -checkend $((30 * 86400)) >/dev/null 2>&1; then
        return 1
    fi
    # Self-signed and no authority: who trusts it trusts this one key for this one name, nothing it could sign.
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days 397 -subj "/CN=localhost/O=Madoguchi local trial" \
        -addext "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1" -addext "basicConstraints=critical,CA:FALSE" \
        -addext "keyUsage=critical,digitalSignature" -addext "extendedKeyUsage=serverAuth" \
        -keyout "$tls/server.key" -out "$tls/ca.pem" >"$data/log/openssl.log" 2>&1 ||
        die "can't create the local certificate." "see $data/log/openssl.log"
    chown "$proxy_user" "$tls/server.key"
    chmod 600 "$tls/server.key"
    chmod 644 "$tls/ca.pem"
    say "created a certificate for https://localhost ($tls/ca.pem)"
}

create_keys() {
    local log="$data/log/generate-keys.log" name missing=false
    if [ ! -s "$data/keys/edge.secret" ]; then
        openssl rand -hex 32 | replace_file "$data/keys/edge.secret" "$service_user:$service_user" 600
    fi
    # It makes what is missing, and never touches a key that exists.
    for name in pepper.key token.key csrf.key envelope.keys audit.keys audit-signing.pem; do
        if [ ! -s "$data/keys/$name" ]; then missing=true; fi
    done
    [ "$missing" = true ] || return 0
    run_server generate-keys >"$log" 2>&1 || { last_lines "$log" 10; die "can't generate keys." "the whole log: $log"; }
    say "generated keys in $data/keys"
}

# key_marks DIRECTORY: hashes of the keys without which a database is unreadable or its audit log unproved, one a line. The
# keys are random, so a hash tells nothing; envelope and audit keys count one by one, as their files grow by rotation.
key_marks() {
    local name line
    for name in pepper.key token.key audit-signing.pem; do
        printf '%s %s\n' "$name" "$(sha256sum <"$1/$name" | cut -c1-64)"
    done
    for name in envelope.keys audit.keys; do
        [ -f "$1/$name" ] || continue # a backup from before there was one
        while IFS= read -r line; do
            [ -z "$line" ] || printf '%s %s\n' "$name" "$(printf '%s' "$line" | sha256sum | cut -c1-64)"
        done <"$1/$name"
    done
}

# --- configuration ---

# The server's file: what this installation is, except for names that local.conf sets.
write_configuration() {
    local own="$data/local.conf"
    {
        echo "# Written by ops/start at every run. Your own settings go into local.conf beside this file."
        configuration_lines | while IFS= read -r line; do
            if [ ! -f "$own" ] || ! grep -q "^[[:space:]]*${line%% =*}[[:space:]]*=" "$own"; then printf '%s\n' "$line"; fi
        done
        if [ -f "$own" ]; then echo "# from local.conf"; cat "$own"; fi
    } | replace_file "$data/madoguchi.conf" "root:$service_user" 640
}

configuration_lines() {
    cat <<LINES
mode = development
origin = https://localhost:$port
listen.interactive = 127.0.0.1:$interactive_port
listen.hashing = 127.0.0.1:$hashing_port
listen.steps = 127.0.0.1:$steps_port
listen.files = 127.0.0.1:$files_port
edge.secret-file = $data/keys/edge.secret
keys.directory = $data/keys
templates.directory = $data/app/templates
migrations.directory = $data/app/migrations
audit.head-file = $data/audit/head
LINES
    if kannel_wanted; then kannel_gateway_lines; else echo "gateway.kind = development-inbox"; fi
    if [ -n "$database" ]; then own_database_lines; else private_database_lines; fi
}

private_database_lines() {
    cat <<LINES
database.url = postgresql:///madoguchi?host=$sockets
database.user = madoguchi_service
database.migration-user = madoguchi_owner
LINES
}

# --- the program ---

# Copies the build to where the service user can read it, so that a later build never changes a running program. True (0) if it changed.
install_program() {
    local fresh="$data/app.new"
    rm -rf "$fresh"
    mkdir -p "$fresh/bin"
    cp "$repository/build/release/madoguchi-server" "$fresh/bin/"
    cp -R "$repository/templates" "$repository/migrations" "$fresh/"
    chmod -R u=rwX,go=rX "$fresh"
    if [ -d "$data/app" ] && diff -rq "$fresh" "$data/app" >/dev/null; then
        rm -rf "$fresh"
        return 1
    fi
    rm -rf "$data/app.old"
    [ ! -d "$data/app" ] || mv "$data/app" "$data/app.old"
    mv "$fresh" "$data/app"
    rm -rf "$data/app.old"
}

run_server() { as_service "$data/app/bin/madoguchi-server" "$1" --config "$data/madoguchi.conf" "${@:2}"; }

# What the running server was started from; another value means that it must be restarted.
program_fingerprint() {
    (cd "$data" && find app keys -type f -print0 | sort -z | xargs -0 sha256sum && sha256sum madoguchi.conf) | sha256sum | cut -c1-64
}

# process_of FILE USER PROGRAM: the id in that file, if that process is alive, the user's, and runs that program (ids are reused).
process_of() {
    local id user
    id="$(cat "$data/$1" 2>/dev/null || true)"
    # Not the owner of /proc/ID: that is root for a process that may leave no core file.
    user="$(awk '/^Uid:/ {print $2}' "/proc/$id/status" 2>/dev/null || true)"
    [ -n "$id" ] && [ -n "$user" ] && [ "$user" = "$(id -u "$2" 2>/dev/null || true)" ] &&
        grep -qz "$3" "/proc/$id/cmdline" 2>/dev/null && echo "$id"
}

server_process() { process_of run/server.pid "$service_user" "^$data/app/bin/madoguchi-server$"; }
nginx_process() { process_of nginx/nginx.pid "$proxy_user" "nginx.*$data/nginx/nginx.conf"; }
server_runs() { server_process >/dev/null; }
nginx_runs() { nginx_process >/dev/null; }

start_server() {
    local log="$data/log/server.log"
    rotate_log "$log"
    # No core files: they would hold keys and passwords (S20). 9: the lock of this script.
    (
        ulimit -c 0
        umask 077
        cd /
        exec setsid setpriv --reuid "$service_user" --regid "$service_user" --init-groups --no-new-privs -- \
            env -i PATH=/usr/bin:/bin LANG=C.UTF-8 HOME=/nonexistent \
            "$data/app/bin/madoguchi-server" serve --config "$data/madoguchi.conf" 9>&- >>"$log" 2>&1 </dev/null
    ) &
    echo $! >"$data/run/server.pid"
    disown
    program_fingerprint >"$data/run/server.fingerprint"
}

# wait_for_server: until /readyz answers 200, at most 30 s.
wait_for_server() {
    local deadline=$((SECONDS + 30)) address="http://127.0.0.1:$interactive_port/readyz"
    while [ "$SECONDS" -lt "$deadline" ]; do
        if curl -fs --noproxy '*' -m 2 -o /dev/null "$address"; then return; fi
        if ! kill -0 "$(cat "$data/run/server.pid")" 2>/dev/null; then
            last_lines "$data/log/server.log" 15
            die "the server ended right after its start; the end of its log stands above." "the whole log: $data/log/server.log" \
                "does the configuration work? $data/app/bin/madoguchi-server check --config $data/madoguchi.conf"
        fi
        sleep 0.1
    done
    last_lines "$data/log/server.log" 15
    curl -s --noproxy '*' -m 2 "$address" >&2 || true
    die "the server is not ready after 30 s." "the whole log: $data/log/server.log" "what to do: ops/runbooks/server-down.md"
}

# stop_process NAME ID SIGNAL SECONDS
stop_process() {
    local deadline=$((SECONDS + $4))
    kill -s "$3" "$2" 2>/dev/null || return 0
    while kill -0 "$2" 2>/dev/null; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            warn "$1 (process $2) did not stop within $4 s; killing it."
            kill -s KILL "$2" 2>/dev/null || true
            sleep 0.2
            return
        fi
        sleep 0.05
    done
}

stop_server() {
    local id
    id="$(server_process)" || return 0
    stop_process server "$id" TERM 25
    rm -f "$data/run/server.pid" "$data/run/server.fingerprint"
    say "server: stopped"
}

# --- nginx ---

# True (0) if the configuration changed.
configure_nginx() {
    local changed=1 ipv6='' place="$data/nginx" style_hash log
    # Only where the machine has an IPv6 loopback; browsers try it first for "localhost".
    if grep -q '^00000000000000000000000000000001 ' /proc/net/if_inet6 2>/dev/null; then ipv6="listen [::1]:$port ssl http2"; fi
    chown "$proxy_user" "$data/tls/server.key"
    for log in "$data/log/nginx-access.log" "$data/log/nginx-error.log"; do
        touch "$log"
        chown "$proxy_user:$proxy_user" "$log"
        chmod 600 "$log"
    done
    install -d -o "$proxy_user" -g "$proxy_user" -m 700 "$place/temporary"
    # Of an installation whose nginx was still another user's.
    chown -R "$proxy_user:$proxy_user" "$place/temporary"
    rm -rf "$place/pages.new"
    cp -R "$repository/ops/nginx/pages" "$place/pages.new"
    chown -R "$proxy_user:$proxy_user" "$place/pages.new"
    rm -rf "$place/pages"
    mv "$place/pages.new" "$place/pages"
    # The one style element of our error pages, allowed by its hash (no unsafe-inline: S15).
    style_hash="$(sed -n 's|^<style>\(.*\)</style>$|\1|p' "$place/pages/unavailable.html" | tr -d '\n' | openssl dgst -sha256 -binary | base64)"
    sed -e "s|@DATA@|$data|g" -e "s|@STYLE_HASH@|$style_hash|g" -e "s|@PORT@|$port|g" -e "s|@LISTEN_IPV6@|${ipv6:+$ipv6;}|g" \
        -e "s|@LISTEN_IPV6_DEFAULT@|${ipv6:+$ipv6 default_server;}|g" -e "s|@HOST@|localhost|g" \
        -e "s|@INTERACTIVE@|127.0.0.1:$interactive_port|g" -e "s|@HASHING@|127.0.0.1:$hashing_port|g" \
        -e "s|@STEPS@|127.0.0.1:$steps_port|g" -e "s|@FILES@|127.0.0.1:$files_port|g" \
        "$repository/ops/nginx/madoguchi.conf.in" | replace_file "$place/nginx.conf" "$proxy_user:$proxy_user" 600 && changed=0
    # The secret goes through a pipe and a file, never through an argument that other users could see.
    printf 'proxy_set_header X-Madoguchi-Edge %s;\n' "$(cat "$data/keys/edge.secret")" |
        replace_file "$place/edge-secret.conf" "$proxy_user:$proxy_user" 600 && changed=0
    return "$changed"
}

run_nginx() {
    local capabilities=()
    # Ports below 1024 need one capability, and nginx gets no other.
    if [ "$port" -lt 1024 ]; then capabilities=(--inh-caps +net_bind_service --ambient-caps +net_bind_service); fi
    (
        ulimit -c 0
        cd /
        exec setpriv --reuid "$proxy_user" --regid "$proxy_user" --init-groups --no-new-privs "${capabilities[@]}" -- \
            env -i PATH=/usr/bin:/bin /usr/sbin/nginx -p "$data/nginx" -c "$data/nginx/nginx.conf" -e "$data/log/nginx-error.log" "$@" 9>&- </dev/null
    )
}

# nginx_command WHAT ARGUMENTS...: runs nginx once; on failure shows what it said.
nginx_command() {
    local what=$1 log="$data/log/nginx-command.log"
    shift
    if ! run_nginx "$@" >"$log" 2>&1; then
        last_lines "$log" 8
        if grep -q 'Address already in use' "$log"; then
            die "port $port is taken by $(port_holder "$port")." "stop that program, or choose another port: ops/start --port N"
        fi
        die "nginx: $what failed." "the configuration: $data/nginx/nginx.conf"
    fi
}

# Workers outlive a killed master and keep the port. They are those that still have this installation's log open.
stop_orphaned_workers() {
    local id
    nginx_runs && return
    for id in $({ find /proc/[0-9]*/fd -maxdepth 1 -lname "$data/log/nginx-access.log" 2>/dev/null || true; } | cut -d/ -f3 | sort -u); do
        stop_process "an orphaned nginx worker" "$id" QUIT 10
    done
}

stop_nginx() {
    local id
    stop_orphaned_workers
    id="$(nginx_process)" || return 0
    stop_process nginx "$id" QUIT 10
    rm -f "$data/nginx/nginx.pid"
    say "nginx: stopped"
}
