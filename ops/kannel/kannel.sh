# shellcheck shell=bash
# A real Kannel with its fake SMS centre, for trials and tests: three processes of the service user, all on the loopback address.
#   kannel/kannel.conf, kannel/store     configuration and queue      log/fakesmsc.log     what telephones would have received
# Sourced by ops scripts.

# shellcheck disable=SC2154  # data, port, gateway: set by the calling script

kannel_wanted() { [ "${gateway:-$(setting gateway)}" = kannel-fake ]; }

bearerbox_process() { process_of run/bearerbox.pid "$service_user" "^$data/kannel/kannel.conf$"; }
smsbox_process() { process_of run/smsbox.pid "$service_user" "^$data/kannel/kannel.conf$"; }
fakesmsc_process() { process_of run/fakesmsc.pid "$service_user" "^/usr/lib/kannel/test/fakesmsc$"; }
kannel_runs() { bearerbox_process >/dev/null && smsbox_process >/dev/null && fakesmsc_process >/dev/null; }
any_kannel_runs() { bearerbox_process >/dev/null || smsbox_process >/dev/null || fakesmsc_process >/dev/null; }

# Four in a row: administration, smsbox to bearerbox, SMS centre, sendsms. Picked once and kept.
choose_kannel_port() {
    kannel_port="$(setting kannel)"
    if [ -n "$kannel_port" ] && { any_kannel_runs || kannel_ports_are_free; }; then return; fi
    kannel_port=$((interactive_port + 10))
    until kannel_ports_are_free; do
        kannel_port=$((kannel_port + 4))
        [ "$kannel_port" -lt 65000 ] || die "no free ports on the loopback address for Kannel." "see: ss -ltnp"
    done
}

kannel_ports_are_free() {
    local offset
    for offset in 0 1 2 3; do
        if port_is_taken $((kannel_port + offset)); then return 1; fi
    done
}

# Lines of the server's configuration.
kannel_gateway_lines() {
    cat <<LINES
gateway.kind = providers
gateway.sms-order = kannel
gateway.voice-order = development-inbox
gateway.kannel.url = http://127.0.0.1:$((kannel_port + 3))/cgi-bin/sendsms
gateway.kannel.username = madoguchi
gateway.kannel.password-file = $data/keys/kannel.password
gateway.kannel.callback-origin = http://127.0.0.1:$interactive_port
LINES
}

create_kannel_password() {
    [ -s "$data/keys/kannel.password" ] ||
        openssl rand -hex 16 | replace_file "$data/keys/kannel.password" "$service_user:$service_user" 600
}

# True (0) if the configuration changed.
configure_kannel() {
    local password
    install -d -o "$service_user" -g "$service_user" -m 700 "$data/kannel"
    password="$(cat "$data/keys/kannel.password")"
    # The password goes through a pipe, never through an argument that other users could see.
    { printf 's|@PASSWORD@|%s|g\n' "$password"
      printf 's|@DATA@|%s|g\ns|@ADMIN@|%s|g\ns|@BOX@|%s|g\ns|@CENTRE@|%s|g\ns|@SENDSMS@|%s|g\n' \
          "$data" "$kannel_port" $((kannel_port + 1)) $((kannel_port + 2)) $((kannel_port + 3)); } |
        sed -f /dev/stdin "$repository/ops/kannel/kannel.conf.in" |
        replace_file "$data/kannel/kannel.conf" "$service_user:$service_user" 600
}

# start_box NAME COMMAND...: in the background, as the service user; its output in log/NAME.log.
start_box() {
    local name=$1 log="$data/log/$1.log"
    shift
    rotate_log "$log"
    (
        ulimit -c 0
        umask 077
        cd /
        exec setsid setpriv --reuid "$service_user" --regid "$service_user" --init-groups --no-new-privs -- \
            env -i PATH=/usr/bin:/bin LANG=C.UTF-8 HOME=/nonexistent "$@" 9>&- >>"$log" 2>&1 </dev/null
    ) &
    echo $! >"$data/run/$name.pid"
    disown
}

# wait_for_box NAME PORT: until something listens there, at most 15 s.
wait_for_box() {
    local deadline=$((SECONDS + 15))
    until port_is_taken "$2"; do
        if [ "$SECONDS" -ge "$deadline" ] || ! kill -0 "$(cat "$data/run/$1.pid")" 2>/dev/null; then
            last_lines "$data/log/$1.log" 10
            die "Kannel's $1 does not start; the end of its log stands above." "the whole log: $data/log/$1.log"
        fi
        sleep 0.1
    done
}

start_kannel() {
    local changed=false
    if configure_kannel; then changed=true; fi
    if kannel_runs && [ "$changed" = false ]; then
        say "Kannel: already running"
        return
    fi
    stop_kannel
    start_box bearerbox /usr/sbin/bearerbox -v 2 "$data/kannel/kannel.conf"
    wait_for_box bearerbox $((kannel_port + 2))
    start_box smsbox /usr/sbin/smsbox -v 2 "$data/kannel/kannel.conf"
    wait_for_box smsbox $((kannel_port + 3))
    # It sends nothing itself (-m 0) and prints what it is given: the telephone of this trial.
    start_box fakesmsc /usr/lib/kannel/test/fakesmsc -H 127.0.0.1 -r $((kannel_port + 2)) -i 100 -m 0 "0 0 text none"
    say "Kannel: started with a fake SMS centre; what telephones receive is in $data/log/fakesmsc.log"
}

stop_kannel() {
    local id stopped=false
    if id="$(fakesmsc_process)"; then stop_process fakesmsc "$id" TERM 5; stopped=true; fi
    if id="$(smsbox_process)"; then stop_process smsbox "$id" TERM 10; stopped=true; fi
    if id="$(bearerbox_process)"; then stop_process bearerbox "$id" TERM 10; stopped=true; fi
    rm -f "$data/run/fakesmsc.pid" "$data/run/smsbox.pid" "$data/run/bearerbox.pid"
    if [ "$stopped" = true ]; then say "Kannel: stopped"; fi
}
