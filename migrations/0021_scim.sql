-- What a provisioning client calls an account in its own directory (RFC 7643 §3.1, externalId), and when what it reads
-- of the account last changed (meta.lastModified).

alter table accounts
    add column external_id text collate "C" check (octet_length(external_id) between 1 and 256),
    add column changed_at timestamptz;
create index accounts_external_id on accounts (external_id) where external_id is not null;

-- The same for a role in an organization, which is no row of its own.
create table scim_groups (
    organization_id bigint not null references organizations,
    role text not null,
    external_id text collate "C" not null check (octet_length(external_id) between 1 and 256),
    changed_at timestamptz not null,
    primary key (organization_id, role)
);
alter table scim_groups enable row level security;
create policy jurisdiction on scim_groups
    using (exists (select 1 from organizations o where o.id = organization_id))
    with check (exists (select 1 from organizations o where o.id = organization_id));
grant select, insert, update, delete on scim_groups to madoguchi_service;
