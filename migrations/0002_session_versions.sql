-- A session check reads one row: the session's own. Who the session's owner is and may be (name, home, grants) is kept in
-- the server's memory for as long as identity_version stays the same. Whatever changes an answer of session_identities
-- changes the version in the same transaction, whoever writes it, so no server can act on what was true before.

alter table sessions add column identity_version integer not null default 1;

create or replace view session_identities as
select s.id as session_id, s.token_digest, s.channel, s.created_at, s.last_used_at, s.expires_at,
       a.id as account_id, a.login_id, a.family_name, a.given_name, a.last_signed_in_at,
       o.id as organization_id, o.kind as organization_kind, o.name as organization_name, o.path as organization_path,
       coalesce((select string_agg(concat_ws('|', g.id, g.role, g.organization_id, go.kind, go.path, us(g.valid_from), coalesce(us(g.valid_until)::text, ''),
                                             go.name), E'\n' order by g.id)
                 from grants g join organizations go on go.id = g.organization_id
                 where g.account_id = a.id and g.revoked_at is null and go.state = 'active'), '') as grants,
       s.identity_version
from sessions s
join accounts a on a.id = s.account_id
join organizations o on o.id = a.organization_id
where s.ended_at is null and a.state = 'active' and o.state = 'active';

create view session_checks as
select token_digest, identity_version, last_used_at
from sessions
where ended_at is null;
grant select on session_checks to madoguchi_service;

-- As the owner: who changes a grant may not see the sessions of its holder.
create function identity_of_account_changed() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    update sessions set identity_version = identity_version + 1 where account_id = new.id and ended_at is null;
    return null;
end $$;
create trigger identity_changed after update of login_id, family_name, given_name, state, organization_id, organization_path
    on accounts for each row execute function identity_of_account_changed();

create function identity_of_grant_changed() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    update sessions set identity_version = identity_version + 1 where account_id = new.account_id and ended_at is null;
    return null;
end $$;
create trigger identity_changed after insert or update on grants
    for each row execute function identity_of_grant_changed();

create function identity_of_organization_changed() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    update sessions set identity_version = identity_version + 1
    where ended_at is null
      and (account_id in (select id from accounts where organization_id = new.id)
           or account_id in (select account_id from grants where organization_id = new.id and revoked_at is null));
    return null;
end $$;
create trigger identity_changed after update of kind, path, name, state on organizations
    for each row execute function identity_of_organization_changed();

-- Only the triggers call these.
revoke execute on function identity_of_account_changed(), identity_of_grant_changed(), identity_of_organization_changed() from public;
create index grants_organization on grants (organization_id) where revoked_at is null;
