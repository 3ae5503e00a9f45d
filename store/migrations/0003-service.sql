-- What a running service keeps beside the record: signals that are accepted and not decided yet, and who works on whom.

-- The order of arrival, over all processes: a signal keeps its place when it moves into the record.
create sequence arrivals as bigint;

create table inbox (
  seq bigint primary key,
  source text not null,
  id text not null,
  type text not null,
  customer_id text collate "C" not null,
  time timestamptz not null,
  received_at timestamptz not null,
  event jsonb not null,
  body_hash text not null,
  -- How often deciding it has failed, and how. A dead one is left for a human; the customer's others go on.
  attempts integer not null default 0,
  error jsonb,
  dead_at timestamptz,
  unique (source, id)
);
create index inbox_waiting on inbox (seq) where dead_at is null;
create index inbox_of_customer on inbox (customer_id, seq) where dead_at is null;
create index inbox_dead on inbox (dead_at) where dead_at is not null;

-- Identities that waiting signals bring, as the signals were accepted: an identity that is new names one customer from
-- then on, also before the record knows it.
create table inbox_identities (
  type text collate "C" not null,
  value text collate "C" not null,
  customer_id text collate "C" not null,
  seq bigint not null references inbox on delete cascade,
  primary key (type, value)
);
create index inbox_identities_of_signal on inbox_identities (seq);

-- What providers tell of a message they know by their own name for it.
create index deliveries_of_provider on deliveries (provider_id) where provider_id is not null;

-- Who works on a customer, and until when nobody else does. Only to keep workers out of each other's way: what they write
-- is guarded by the customer's version, so this may be lost with the server's memory.
create unlogged table lanes (
  customer_id text collate "C" primary key,
  owner text not null,
  until timestamptz not null
) with (fillfactor = 50);

-- Timers whose wake failed; signals carry this themselves. A dead one has lost its timer.
create table failed_timers (
  customer_id text collate "C" not null references customers on delete cascade,
  key text collate "C" not null,
  name text not null,
  due timestamptz not null,
  attempts integer not null,
  error jsonb not null,
  dead_at timestamptz,
  primary key (customer_id, key)
);
