# shellcheck shell=bash
# ops/start --database URL: a PostgreSQL of one's own. The URL names an owner role; the service gets its own role and password.
# Sourced by ops scripts.

# split_database_url URL: sets database (without the password), database_owner and owner_password.
split_database_url() {
    local pattern='^postgres(ql)?://(([^:@/]+)(:([^@/]*))?@)?([^/?]*)(/[^?]*)?(\?.*)?$'
    [[ $1 =~ $pattern ]] || die "--database: not a PostgreSQL URL: $(sed 's|:[^:@/]*@|:...@|' <<<"$1")" \
        "write: --database postgresql://OWNER@HOST:5432/DATABASE  (the password in PGPASSWORD or in the URL)"
    database_owner="$(decode_percent "${BASH_REMATCH[3]}")"
    owner_password="${BASH_REMATCH[5]:+$(decode_percent "${BASH_REMATCH[5]}")}"
    owner_password="${owner_password:-${PGPASSWORD:-}}"
    database="postgresql://${BASH_REMATCH[6]}${BASH_REMATCH[7]:-/madoguchi}${BASH_REMATCH[8]}"
    [ -n "$database_owner" ] || die "--database: the URL names no role." "write: postgresql://OWNER@HOST:5432/DATABASE"
}

decode_percent() {
    local text=${1//\\/\\\\}
    printf '%b' "${text//%/\\x}"
}

own_psql() { PGCONNECT_TIMEOUT=10 PGPASSWORD="$owner_password" psql -X -q -v ON_ERROR_STOP=1 -d "$database" -U "$database_owner" -w "$@"; }

# Does the database take the service's own role and password?
service_may_connect() {
    PGCONNECT_TIMEOUT=10 PGPASSWORD="$(cat "$data/keys/database-service.password")" psql -X -q -d "$database" -U madoguchi_service -w \
        -c 'SELECT 1' >/dev/null 2>&1
}

# Checks the connection and the owner's rights, makes the service role, and keeps the passwords in 0600 files. Nothing is kept
# of a URL that does not work, so that the next start finds the one that did.
prepare_own_database() {
    local log="$data/log/own-database.log" version
    split_database_url "$1"
    if [ -z "$owner_password" ] && [ -s "$data/keys/database-owner.password" ]; then
        owner_password="$(cat "$data/keys/database-owner.password")"
    fi
    if ! version="$(own_psql -Atc 'SHOW server_version_num' 2>"$log")"; then
        last_lines "$log" 5
        die "can't connect to $database as $database_owner." "check host, database, role and password (PGPASSWORD=... ops/start --database URL)."
    fi
    [ "$version" -ge 150000 ] || die "that PostgreSQL is too old ($version); 15 or newer is needed." "upgrade it, or leave --database away."
    if [ "$(own_psql -Atc "SELECT has_schema_privilege('public', 'CREATE')")" != t ]; then
        die "$database_owner may not create tables in $database." \
            "as an administrator of that PostgreSQL: ALTER DATABASE $(own_psql -Atc 'SELECT quote_ident(current_database())') OWNER TO $(own_psql -Atc 'SELECT quote_ident(current_user)');"
    fi
    if [ ! -s "$data/keys/database-service.password" ]; then
        openssl rand -hex 24 | tr -d '\n' | replace_file "$data/keys/database-service.password" "$service_user:$service_user" 600
    fi
    create_service_role "$log"
    printf '%s' "$owner_password" | replace_file "$data/keys/database-owner.password" "$service_user:$service_user" 600 || true
    say "database: $database, owner $database_owner, service role madoguchi_service"
}

# An administrator may have made the role; then the owner needs no right to make roles.
create_service_role() {
    local log=$1
    if service_may_connect; then return; fi
    # The statement goes through standard input: an argument would show the password in the process list (S20).
    if ! service_role_statements | own_psql >/dev/null 2>"$log"; then
        last_lines "$log" 5
        die "$database_owner may not create the role madoguchi_service." \
            "as an administrator of that PostgreSQL: ALTER ROLE $(own_psql -Atc 'SELECT quote_ident(current_user)') CREATEROLE;" \
            "or: CREATE ROLE madoguchi_service LOGIN PASSWORD '...';  with the password in $data/keys/database-service.password"
    fi
    service_may_connect || die "madoguchi_service can't connect to $database, although its password was just set." \
        "does that PostgreSQL let it in (pg_hba.conf)? GRANT CONNECT ON DATABASE ... TO madoguchi_service;"
}

service_role_statements() {
    local name
    name="$(own_psql -Atc 'SELECT quote_ident(current_database())')"
    cat <<SQL
SELECT 'CREATE ROLE madoguchi_service LOGIN' WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'madoguchi_service') \gexec
ALTER ROLE madoguchi_service PASSWORD '$(cat "$data/keys/database-service.password")';
GRANT CONNECT ON DATABASE $name TO madoguchi_service;
SQL
}

own_database_lines() {
    cat <<LINES
database.url = $database
database.user = madoguchi_service
database.password-file = $data/keys/database-service.password
database.migration-user = $database_owner
database.migration-password-file = $data/keys/database-owner.password
LINES
}
