-- What a delivery answered: the place of a channel that was asked, its ask, the end of its hold, and the promises that it keeps and makes
-- once the customer has seen it. Null for everything that is sent unasked.
alter table deliveries add column asked jsonb;

-- Asks that were answered, or came too late, by their key. The answer is repeated for a day to the same body.
create table asks (
  source text not null,
  id text not null,
  customer_id text not null,
  channel text not null,
  at timestamptz not null,
  body_hash text not null,
  late boolean not null default false,
  gave boolean not null default false,
  answer jsonb,
  primary key (source, id)
);
create index asks_by_customer on asks (customer_id);
create index asks_by_time on asks (at);
