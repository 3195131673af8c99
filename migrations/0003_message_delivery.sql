-- Delivery through providers: what became of a message after it was handed over, and what it cost.

-- 'unknown': handed over, but no answer came back. It is not sent again; a receipt may still say what became of it.
alter table messages drop constraint messages_state_check;
alter table messages add constraint messages_state_check
    check (state in ('queued', 'sending', 'sent', 'delivered', 'ringing', 'answered', 'unanswered', 'busy', 'failed', 'expired', 'unknown'));

alter table messages
    add column gateway text not null default '',         -- whose receipt counts; empty: nobody has it
    add column offered_at timestamptz,                   -- handed to a gateway whose answer is not noted yet
    add column sent_at timestamptz,                      -- when a gateway took it, or may have
    add column units integer not null default 0 check (units >= 0);  -- SMS segments, or one call: what the provider charges

-- Calls whose provider went silent; what the day cost.
create index messages_calls on messages (changed_at) where kind = 'voice' and state in ('sent', 'ringing');
create index messages_sent on messages (sent_at) where sent_at is not null;
