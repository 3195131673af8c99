-- Passkeys (S11): a kind of second step that also signs in alone. Nothing here is secret: keys are public ones.

alter table second_steps add column if not exists label text not null default '';

alter table second_steps drop constraint second_steps_kind_check;
alter table second_steps add constraint second_steps_kind_check check (kind in ('sms', 'voice', 'totp', 'passkey'));
alter table second_steps drop constraint second_steps_check1;
alter table second_steps add constraint second_steps_check1 check ((kind in ('sms', 'voice')) = (phone_sealed is not null));

-- Bytes are base64url. The user handle is random and the same for all passkeys of an account: it tells an authenticator
-- whose they are without naming anybody.
create table passkeys (
    second_step_id bigint primary key references second_steps,
    organization_path text collate "C" not null,
    credential_id text collate "C" not null unique,
    algorithm integer not null,
    public_key text not null,
    sign_count bigint not null,
    transports text not null default '',
    user_handle text collate "C" not null
);

alter table sign_in_flows drop constraint sign_in_flows_state_check;
alter table sign_in_flows add constraint sign_in_flows_state_check
    check (state in ('password', 'register', 'register_totp', 'register_code', 'register_passkey', 'code', 'passkey',
                     'passkey_alone', 'new_password', 'signed_in', 'ended'));
alter table sign_in_flows drop constraint sign_in_flows_method_kind_check;
alter table sign_in_flows add constraint sign_in_flows_method_kind_check
    check (method_kind in ('sms', 'voice', 'totp', 'passkey'));

-- One challenge lives at a time. What was registered waits here until it is bound together with the new password.
alter table sign_in_flows
    add column passkey_challenge text,
    add column passkey_expires_at timestamptz,
    add column passkey_user_handle text,
    add column passkey_credential_id text,
    add column passkey_algorithm integer,
    add column passkey_public_key text,
    add column passkey_sign_count bigint,
    add column passkey_transports text,
    add column passkey_name text;

alter table passkeys enable row level security;
create policy jurisdiction on passkeys
    using (organization_path >= jurisdiction_from() and organization_path < jurisdiction_below());

grant select, insert, update on passkeys to madoguchi_service;
