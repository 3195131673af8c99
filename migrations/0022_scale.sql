-- What grows: accounts by the million, organizations by the hundred thousand, deliveries that wait for a receiver.

-- A health centre's part of the country is less than one of the hundred ranges in which PostgreSQL counts a column's
-- values by default: it would expect one row and join two thousand accounts with all of their organizations, pair by pair.
-- So is a name's part of all names, and a word's of all words.
do $$
declare one record;
begin
    for one in select c.table_name, c.column_name from information_schema.columns c
               join information_schema.tables t using (table_schema, table_name)
               where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.column_name in ('path', 'organization_path', 'account_path', 'term', 'login_key', 'name_key', 'kana_key')
    loop
        execute format('alter table %I alter column %I set statistics 1000', one.table_name, one.column_name);
    end loop;
end $$;

-- Accounts in the order of their organizations' names, whatever the list is filtered by.
alter table accounts add column organization_key text collate "C" not null default '';
update accounts a set organization_key = o.sort_key from organizations o where o.id = a.organization_id;

create function account_placed() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    new.organization_key := (select sort_key from organizations where id = new.organization_id);
    return new;
end $$;
create trigger placed before insert or update of organization_id on accounts
    for each row execute function account_placed();

create function organization_resorted() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    update accounts set organization_key = new.sort_key where organization_id = new.id;
    return null;
end $$;
create trigger resorted after update of name, kana on organizations
    for each row when (old.sort_key is distinct from new.sort_key) execute function organization_resorted();
revoke execute on function account_placed(), organization_resorted() from public;

create index accounts_order on accounts (organization_key, organization_id, id);
create index accounts_state_order on accounts (state, organization_key, organization_id, id);

-- What a health centre's organizations are found by, without looking through the country's.
create index organization_terms_path on organization_terms (organization_path, term);

-- The oldest delivery of a webhook that may go now, whatever was delivered before.
create index webhook_deliveries_order on webhook_deliveries (webhook_id, position) where state = 'waiting';

analyze organizations, accounts, grants, second_steps, organization_terms;
