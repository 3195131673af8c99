-- Which days each organization has reported, by month: what completeness counts for a whole country. Forty thousand
-- organizations write a million reports in four weeks, and two rows each here.

create table report_months (
    organization_id bigint not null references organizations,
    organization_path text collate "C" not null,
    month date not null,                                -- its first day
    received integer not null,                          -- bit 0: the first day of the month
    late integer not null,                              -- of those, reported after the deadline
    primary key (organization_id, month)
) with (fillfactor = 80);
create index report_months_path on report_months (organization_path, month);
create index report_months_month on report_months (month);

-- A first report: the day counts as received, and nothing is a draft any more.
create or replace function report_came() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    day integer := 1 << extract(day from new.report_date)::integer - 1;
    late_day integer := case when new.late then day else 0 end;
begin
    insert into report_standings as s (organization_id, organization_path, first_date, last_date)
    values (new.organization_id, new.organization_path, new.report_date, new.report_date)
    on conflict (organization_id) do update
        set first_date = least(s.first_date, excluded.first_date), last_date = greatest(s.last_date, excluded.last_date)
        where s.last_date < excluded.last_date or s.first_date > excluded.first_date;
    insert into report_months as m (organization_id, organization_path, month, received, late)
    values (new.organization_id, new.organization_path, date_trunc('month', new.report_date)::date, day, late_day)
    on conflict (organization_id, month) do update
        set received = m.received | excluded.received, late = m.late | excluded.late;
    update report_drafts set submitted_at = new.submitted_at
    where prefecture_code = new.prefecture_code and organization_id = new.organization_id and report_date = new.report_date
      and submitted_at is null;
    return null;
end $$;
drop trigger report_came on reports;
create trigger report_came after insert on reports for each row when (new.version = 1) execute function report_came();

insert into report_months (organization_id, organization_path, month, received, late)
select r.organization_id, o.path, date_trunc('month', r.report_date)::date,
       bit_or(1 << extract(day from r.report_date)::integer - 1),
       bit_or(case when r.late then 1 << extract(day from r.report_date)::integer - 1 else 0 end)
from reports r join organizations o on o.id = r.organization_id
where r.version = 1
group by 1, 2, 3;

alter table report_months alter column organization_path set statistics 1000;
alter table report_months enable row level security;
create policy jurisdiction on report_months
    using (organization_path >= jurisdiction_from() and organization_path < jurisdiction_below());
grant select on report_months to madoguchi_service;
analyze report_months;
