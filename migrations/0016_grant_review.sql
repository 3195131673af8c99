-- When a role was last looked at, as a column of its own: PostgreSQL serves a condition below row-level security from an
-- index only where it is a bare comparison, and coalesce() is none. The count of roles due stands on every console page.
alter table grants add column review_since timestamptz generated always as (coalesce(confirmed_at, created_at)) stored;
drop index grants_review;
create index grants_review on grants (review_since, id) where revoked_at is null;

-- The policy asks for either path; with an index on each, a health centre's few are found among a country's.
create index grants_account_path on grants (account_path);
