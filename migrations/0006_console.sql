-- The console's lists: what people search by, orders that an index serves, and organizations that move.
-- Row-level security lets an index answer only conditions whose operators can leak nothing: comparisons of plain columns.
-- So what a list compares or sorts by is a column here, never an expression, and a search is a range of text.

-- Keys of the program's search_key(), which stand in "search" one after the other.
alter table accounts
    add column name_key text collate "C" generated always as (split_part(search, ' ', 2)) stored,
    add column kana_key text collate "C" generated always as (split_part(search, ' ', 3)) stored,
    -- Never signed in counts as longest ago.
    add column last_seen_at timestamptz not null generated always as (coalesce(last_signed_in_at, timestamptz '1970-01-01 00:00:00+00')) stored;
create index accounts_name on accounts (name_key);
create index accounts_kana on accounts (kana_key);
create index accounts_state on accounts (state, organization_path);
create index accounts_last_seen on accounts (last_seen_at, id);
create index accounts_initial on accounts (initial_expires_at) where initial_expires_at is not null;

-- The order of the Japanese syllabary where the kana is known; katakana of one width stand in it.
alter table organizations
    add column sort_key text collate "C" not null generated always as (case when kana <> '' then kana else name end) stored;
create index organizations_sort on organizations (sort_key, id);
create index organizations_kind on organizations (kind, sort_key, id);
create index organizations_children on organizations (parent_id, sort_key, id);

create index grants_role on grants (role, account_id) where revoked_at is null;
create index second_steps_kind on second_steps (kind, account_id) where removed_at is null;

-- What an organization is found by: its name from any letter on (people leave out 医療法人), kana, codes, the code's last
-- seven digits as clinics write it, the telephone and its last four digits.
create table organization_terms (
    organization_id bigint not null references organizations,
    organization_path text collate "C" not null,
    term text collate "C" not null
);
create index organization_terms_term on organization_terms (term, organization_id);
create index organization_terms_organization on organization_terms (organization_id);

create function terms_of_organization(search text, phone text) returns table (term text)
    language sql immutable parallel safe as $$
    select distinct said.term
    from (select substr(split_part(search, ' ', 1), n) as term
          from generate_series(1, least(greatest(char_length(split_part(search, ' ', 1)) - 1, 1), 30)) as n
          union all select split_part(search, ' ', 2)
          union all select split_part(search, ' ', 3)
          union all select right(split_part(search, ' ', 3), 7)
          union all select split_part(search, ' ', 4)
          union all select regexp_replace(phone, '[^0-9]', '', 'g')
          union all select right(regexp_replace(phone, '[^0-9]', '', 'g'), 4)) as said
    where said.term <> '' $$;

create function organizations_added() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into organization_terms (organization_id, organization_path, term)
    select added.id, added.path, found.term from added cross join lateral terms_of_organization(added.search, added.phone) as found;
    return null;
end $$;
create trigger terms_added after insert on organizations
    referencing new table as added for each statement execute function organizations_added();

create function organization_renamed() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    delete from organization_terms where organization_id = new.id;
    insert into organization_terms (organization_id, organization_path, term)
    select new.id, new.path, found.term from terms_of_organization(new.search, new.phone) as found;
    return null;
end $$;
create trigger terms_changed after update of search, phone, path on organizations
    for each row execute function organization_renamed();

insert into organization_terms (organization_id, organization_path, term)
select o.id, o.path, found.term from organizations o cross join lateral terms_of_organization(o.search, o.phone) as found;

alter table organization_terms enable row level security;
create policy jurisdiction on organization_terms
    using (organization_path >= jurisdiction_from() and organization_path < jurisdiction_below());
grant select on organization_terms to madoguchi_service;

-- What was done to one account or organization, wherever it stood at that time: the log's rows keep the path of their day
-- (they are chained and never change), so the policy alone would hide the history of what moved here. Who asks must have
-- the target itself within their jurisdiction.
create function history_of(kind text, target bigint, before_id bigint, newest integer) returns setof audit_events
    language sql stable security definer set search_path = public, pg_temp as $$
    select e.* from audit_events e
    where e.target_kind = kind and e.target_id = target and (before_id = 0 or e.id < before_id)
      and case kind
              when 'account' then exists (select 1 from accounts a where a.id = target
                                          and a.organization_path >= jurisdiction_from() and a.organization_path < jurisdiction_below())
              when 'organization' then exists (select 1 from organizations o where o.id = target
                                               and o.path >= jurisdiction_from() and o.path < jurisdiction_below())
              else false
          end
    order by e.id desc limit newest $$;

-- Moves a subtree below another organization, and everything that carries its path with it, in whatever table: found in
-- the catalog, so that none is forgotten. Nothing happens unless both ends lie within the jurisdiction of who asks.
create function move_organization(moved bigint, new_parent bigint) returns text
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    old_path text;
    new_path text;
    of_column record;
begin
    select o.path, p.path || o.id || '.' into old_path, new_path
    from organizations o, organizations p
    where o.id = moved and p.id = new_parent and p.state = 'active'
      and o.path >= jurisdiction_from() and o.path < jurisdiction_below()
      and p.path >= jurisdiction_from() and p.path < jurisdiction_below()
      and not starts_with(p.path, o.path);
    if old_path is null or old_path = new_path then
        return null;
    end if;
    update organizations set parent_id = new_parent, version = version + 1 where id = moved;
    update organizations set path = new_path || substr(path, length(old_path) + 1) where path >= old_path and path < old_path || '~';
    for of_column in
        select c.table_name, c.column_name from information_schema.columns c
        join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
        where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.column_name in ('organization_path', 'account_path')
          and c.table_name not in ('audit_events', 'organization_terms')
    loop
        execute format('update %I set %I = $1 || substr(%I, length($2) + 1) where %I >= $2 and %I < $2 || ''~''',
                       of_column.table_name, of_column.column_name, of_column.column_name, of_column.column_name, of_column.column_name)
            using new_path, old_path;
    end loop;
    return new_path;
end $$;

revoke execute on function organizations_added(), organization_renamed(), history_of(text, bigint, bigint, integer), move_organization(bigint, bigint) from public;
grant execute on function history_of(text, bigint, bigint, integer), move_organization(bigint, bigint) to madoguchi_service;
