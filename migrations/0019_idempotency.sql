-- Answers to POSTs of the API that named an Idempotency-Key, so that a repeated request is answered and not repeated.
-- The answer is sealed: it may hold an initial password.

create table idempotency_keys (
    key_digest text collate "C" primary key,
    request_digest text not null,
    state text not null check (state in ('running', 'done')),
    answer_sealed text,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index idempotency_keys_expiry on idempotency_keys (expires_at);

alter table idempotency_keys enable row level security;
create policy system_only on idempotency_keys using (jurisdiction_from() = '0');
grant select, insert, update, delete on idempotency_keys to madoguchi_service;
