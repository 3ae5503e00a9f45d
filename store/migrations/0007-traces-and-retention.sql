-- Where in a trace it came: W3C trace parents, so that what follows is found with what led to it.
alter table inbox add column trace text;
alter table timers add column trace text;

-- What is left of a signal when what it said is forgotten: that it came, so that it is not decided again.
create table known_signals (
  -- sha256 over source, a line feed, id
  key_hash bytea primary key,
  body_hash text not null,
  customer_id text collate "C" not null references customers on delete cascade,
  received_at timestamptz not null
);
create index known_signals_of_customer on known_signals (customer_id);
