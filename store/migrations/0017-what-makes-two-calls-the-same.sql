-- What a tool's idempotency key says of a call, hashed: while one with it runs, or has done what it does, no other one runs.
alter table tool_calls add column effect_key text;
create unique index tool_calls_effect on tool_calls (tool, effect_key) where effect_key is not null and status in ('running', 'done', 'uncertain');

-- A call whose delivery is over before it ran is cancelled with it.
alter table tool_calls drop constraint tool_calls_status_check;
alter table tool_calls add constraint tool_calls_status_check check (status in ('planned', 'running', 'done', 'failed', 'uncertain', 'cancelled')) not valid;
