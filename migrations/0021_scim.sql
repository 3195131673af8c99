-- What a provisioning client calls an account in its own directory (RFC 7643 §3.1, externalId), and when what it reads
-- of the account last changed (meta.lastModified).

alter table accounts
    add column external_id text collate "C" check (octet_length(external_id) between 1 and 256),
    add column changed_at timestamptz;
create index accounts_external_id on accounts (external_id) where external_id is not null;
