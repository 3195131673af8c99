-- Notices in the reader's language, and an end to what is kept of sessions and messages.

-- What the account's owner reads: the language of the pages when they last signed in or changed it. No answer of
-- session_identities depends on it.
alter table accounts add column locale text not null default 'ja' check (locale in ('ja', 'en'));

-- Rows that ended long ago are deleted by a daily task; the audit log stays. A session ends within twelve hours, so
-- its expiry finds the old ones.
create index sessions_expiry on sessions (expires_at);
-- Deleting a session asks whether a flow still names it.
create index sign_in_flows_session on sign_in_flows (session_id) where session_id is not null;

-- The service may delete no session that is not over: who was signed in is not for it to hide.
create function forget_sessions(expired_before timestamptz, most integer) returns bigint
    language sql security definer set search_path = public, pg_temp as $$
    with gone as (
        delete from sessions where id in (
            select id from sessions where expires_at < expired_before and expires_at < clock_timestamp()
            order by expires_at limit most for update skip locked)
        returning id)
    select count(*) from gone
$$;
revoke execute on function forget_sessions(timestamptz, integer) from public;
grant execute on function forget_sessions(timestamptz, integer) to madoguchi_service;

grant delete on messages to madoguchi_service;
create policy forgetting on messages for delete using (jurisdiction_from() = '0');
