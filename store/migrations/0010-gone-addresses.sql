-- Addresses that reach nobody any more, as a provider has said: nothing is sent there until an operator lifts it.
create table gone_addresses (
  customer_id text collate "C" not null references customers on delete cascade,
  -- As channels name it: email, phone or push.
  type text collate "C" not null,
  -- As it was sent to.
  value text collate "C" not null,
  at timestamptz not null,
  source text not null,
  reason text not null,
  primary key (customer_id, type, value)
);

-- Why somebody is not written to, where it was not she herself who said so.
alter table consents add column reason text;
