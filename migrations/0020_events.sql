-- Events of accounts, roles, organizations and reports, for programs outside: read with a cursor, or sent to a webhook.
-- A row is written in the transaction of what it tells about, by a trigger on the log that every act writes anyway, so
-- that no service can forget it.

-- The acts that are told, and under which name; everything else in the log stays in the log.
create function event_type_of(action text) returns text
    language sql immutable parallel safe
    return case action
        when 'account.issue' then 'account.issued'
        when 'account.rename' then 'account.renamed'
        when 'account.suspend' then 'account.suspended'
        when 'account.resume' then 'account.resumed'
        when 'account.close' then 'account.closed'
        when 'account.reset_password' then 'account.password_reset'
        when 'account.reset_second_step' then 'account.second_step_reset'
        when 'role.grant' then 'role.granted'
        when 'role.revoke' then 'role.revoked'
        when 'organization.create' then 'organization.created'
        when 'organization.edit' then 'organization.changed'
        when 'organization.move' then 'organization.moved'
        when 'organization.close' then 'organization.closed'
        when 'organization.reopen' then 'organization.reopened'
        when 'report.submit' then 'report.submitted'
        when 'report.correct' then 'report.corrected'
    end;

-- `id` is taken when the row is written, and rows become visible when their transaction commits: who read up to id 7
-- would never see a 6 that commits later. So nobody reads by id. `position` is given afterwards, by one server at a time,
-- to what is visible by then, in the order of ids: no smaller position can appear after a larger one was seen. It is the
-- order of causes too: whoever acted on what another one had committed took their id later. (Transaction numbers would
-- do without this step, but they do not outlive a restored backup, and cursors must.)
create table events (
    id bigint generated always as identity primary key,
    position bigint unique,
    type text not null,
    occurred_at timestamptz not null,
    organization_path text collate "C" not null,
    subject_kind text not null,
    subject_id bigint not null,
    subject_name text not null,
    actor_account bigint,
    actor_name text not null,
    before text not null,
    after text not null
);
create index events_unordered on events (id) where position is null;
create index events_path on events (organization_path, position);

create function event_came() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into events (type, occurred_at, organization_path, subject_kind, subject_id, subject_name, actor_account, actor_name, before, after)
    values (event_type_of(new.action), new.at, new.organization_path, new.target_kind, new.target_id, new.target_name, new.actor_account,
            new.actor_name, new.before, new.after);
    return null;
end $$;
create trigger event_came after insert on audit_events for each row
    when (new.outcome = 'done' and event_type_of(new.action) is not null) execute function event_came();
revoke execute on function event_came() from public;

alter table events enable row level security;
create policy reading on events for select
    using (organization_path >= jurisdiction_from() and organization_path < jurisdiction_below());
create policy ordering on events for update using (jurisdiction_from() = '0');
grant select, update (position) on events to madoguchi_service;
