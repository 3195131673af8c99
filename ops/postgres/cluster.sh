# shellcheck shell=bash
# The private PostgreSQL cluster: data in $data/postgres, socket in $sockets, owned by the service user. Sourced by ops scripts.

postgres_programs=/usr/lib/postgresql/15/bin

cluster_exists() { [ -f "$data/postgres/PG_VERSION" ]; }

cluster_runs() { cluster_exists && as_service "$postgres_programs/pg_ctl" status -D "$data/postgres" >/dev/null 2>&1; }

# private_psql ARGUMENTS...: as the cluster's superuser, without anybody's psqlrc, stopping at the first error.
private_psql() { as_service env PGOPTIONS="-c client_min_messages=warning" psql -X -q -v ON_ERROR_STOP=1 -h "$sockets" -U postgres "$@"; }

create_cluster() {
    cluster_exists && return
    if [ -e "$data/postgres/global" ]; then
        die "PostgreSQL broken: $data/postgres holds a cluster without its PG_VERSION file." \
            "what to do: ops/runbooks/database-down.md (damaged files)"
    fi
    if [ -d "$data/postgres" ] && [ -n "$(ls -A "$data/postgres")" ]; then
        die "$data/postgres holds something that is no PostgreSQL cluster." "look at it; if it is worth nothing, remove it and run this again."
    fi
    say "PostgreSQL: creating a private cluster in $data/postgres"
    # Made beside its place: initdb marks a directory as a cluster first of all, and may be interrupted.
    local log="$data/log/initdb.log" fresh="$data/postgres.new"
    rm -rf "$fresh"
    install -d -o "$service_user" -g "$service_user" -m 700 "$fresh"
    if ! as_service "$postgres_programs/initdb" -D "$fresh" -U postgres --auth-local=peer --auth-host=reject \
        --data-checksums --encoding=UTF8 --locale=C.UTF-8 --lc-collate=C >"$log" 2>&1; then
        last_lines "$log" 15
        rm -rf "$fresh"
        if grep -q 'No space left' "$log"; then die_of_full_disk "PostgreSQL's initdb"; fi
        die "PostgreSQL broken: initdb could not create the cluster." "the whole log: $log"
    fi
    if [ -d "$data/postgres" ]; then rmdir "$data/postgres"; fi
    mv "$fresh" "$data/postgres"
}

# Writes the configuration; true (0) if something changed.
configure_cluster() {
    local changed=1 file
    replace_file "$data/postgres/postgresql.conf" "$service_user" 600 \
        < <(sed "s|@SOCKETS@|$sockets|" "$repository/ops/postgres/postgresql.conf.in") && changed=0
    for file in pg_hba.conf pg_ident.conf; do
        replace_file "$data/postgres/$file" "$service_user" 600 <"$repository/ops/postgres/$file" && changed=0
    done
    return "$changed"
}

start_cluster() {
    local version log="$data/log/postgresql.log"
    cluster_kept=false
    as_service "$postgres_programs/postgres" -V >/dev/null 2>&1 ||
        die "PostgreSQL broken: its program $postgres_programs/postgres does not run." "apt-get install --reinstall postgresql-15, then run this again."
    create_cluster
    version="$(cat "$data/postgres/PG_VERSION")"
    [[ $version =~ ^[0-9.]+$ ]] || die "PostgreSQL broken: $data/postgres/PG_VERSION is damaged." \
        "what to do: ops/runbooks/database-down.md (damaged files)"
    [ "$version" = 15 ] || die "$data/postgres was made by PostgreSQL $version; this runs 15." \
        "restore a backup into a new --data directory (ops/runbooks/backup-restore.md)."
    local reconfigured=false
    if configure_cluster; then reconfigured=true; fi
    if cluster_runs; then
        if [ "$reconfigured" = true ]; then as_service "$postgres_programs/pg_ctl" reload -D "$data/postgres" >/dev/null; fi
        cluster_kept=true
        say "PostgreSQL: already running"
    else
        require_disk "$data/postgres" 100 "PostgreSQL"
        rotate_log "$log"
        # 9: the lock of this script, which a daemon must not keep.
        if ! as_service "$postgres_programs/pg_ctl" start -D "$data/postgres" -l "$log" -w -t 60 -s 9>&- >"$data/log/pg_ctl.log" 2>&1 </dev/null; then
            last_lines "$data/log/pg_ctl.log" 5
            last_lines "$log" 15
            if tail -n 15 "$log" 2>/dev/null | grep -q 'No space left'; then die_of_full_disk "PostgreSQL"; fi
            die "PostgreSQL broken: the cluster in $data/postgres does not start; the end of its log stands above." \
                "the whole log: $log" "what to do: ops/runbooks/database-down.md"
        fi
        say "PostgreSQL: started, reachable only by its socket in $sockets"
    fi
    create_roles_and_database
}

create_roles_and_database() {
    private_psql -d postgres -f - <"$repository/ops/postgres/roles.sql" >/dev/null
    if [ "$(private_psql -d postgres -Atc "SELECT count(*) FROM pg_database WHERE datname = 'madoguchi'")" = 0 ]; then
        private_psql -d postgres -c "CREATE DATABASE madoguchi OWNER madoguchi_owner TEMPLATE template0 ENCODING 'UTF8'" \
            -c "REVOKE ALL ON DATABASE madoguchi FROM PUBLIC" -c "GRANT CONNECT ON DATABASE madoguchi TO madoguchi_service"
        say "PostgreSQL: created the database"
    fi
}

stop_cluster() {
    cluster_runs || return 0
    as_service "$postgres_programs/pg_ctl" stop -D "$data/postgres" -m fast -w -t 60 -s ||
        die "PostgreSQL does not stop." "its log: $data/log/postgresql.log"
    say "PostgreSQL: stopped"
}
