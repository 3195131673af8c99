-- Completeness: who has reported lately, on which days who is expected to, and who was told that a report is missing.

-- The weekdays on which an organization reports; without a row, those that the operator has configured.
create table report_schedules (
    organization_id bigint primary key references organizations,
    organization_path text collate "C" not null,
    weekdays smallint not null check (weekdays between 0 and 127),   -- bit 0: Monday
    on_holidays boolean not null,
    changed_at timestamptz not null,
    changed_by bigint not null references accounts,
    version integer not null default 1
);
create index report_schedules_path on report_schedules (organization_path);

-- The first and the last day of which there is a report: a list of forty thousand by silence must not read a year of
-- reports.
create table report_standings (
    organization_id bigint primary key references organizations,
    organization_path text collate "C" not null,
    first_date date not null,
    last_date date not null
) with (fillfactor = 80);
create index report_standings_path on report_standings (organization_path);

create function report_came() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into report_standings as s (organization_id, organization_path, first_date, last_date)
    values (new.organization_id, new.organization_path, new.report_date, new.report_date)
    on conflict (organization_id) do update
        set first_date = least(s.first_date, excluded.first_date), last_date = greatest(s.last_date, excluded.last_date)
        where s.last_date < excluded.last_date or s.first_date > excluded.first_date;
    return null;
end $$;
create trigger report_came after insert on reports for each row execute function report_came();
revoke execute on function report_came() from public;

insert into report_standings (organization_id, organization_path, first_date, last_date)
select r.organization_id, o.path, min(r.report_date), max(r.report_date)
from reports r join organizations o on o.id = r.organization_id
group by r.organization_id, o.path;

-- Messages to the people of an organization that its report is missing: one a day, whoever asks for it.
create table report_reminders (
    organization_id bigint not null references organizations,
    organization_path text collate "C" not null,
    reminded_on date not null,                          -- Japan's
    reminded_at timestamptz not null,
    reminded_by bigint not null references accounts,
    reminded_by_name text not null,
    people integer not null check (people > 0),         -- who had a telephone to be told on
    primary key (organization_id, reminded_on)
);
create index report_reminders_path on report_reminders (organization_path, reminded_on);

alter table report_schedules enable row level security;
alter table report_standings enable row level security;
alter table report_reminders enable row level security;
create policy jurisdiction on report_schedules
    using (organization_path >= jurisdiction_from() and organization_path < jurisdiction_below());
create policy jurisdiction on report_standings
    using (organization_path >= jurisdiction_from() and organization_path < jurisdiction_below());
create policy jurisdiction on report_reminders
    using (organization_path >= jurisdiction_from() and organization_path < jurisdiction_below());
grant select, insert, update on report_schedules to madoguchi_service;
grant select on report_standings to madoguchi_service;
grant select, insert on report_reminders to madoguchi_service;

-- The few corrections among a year of reports: which version counted at an instant.
create index reports_corrected on reports (prefecture_code, organization_id, report_date, version) where version > 1;
