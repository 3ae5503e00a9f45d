-- How many signals of a type a customer has sent in a stretch of time, for count(): they are added up here by the hundred, once that many
-- have come, and those since are counted one by one. The stretches of a type follow each other, `after` not included; they reach back to
-- its first signal. A signal that arrives late is added to its stretch in the transaction that writes it.
create table signal_tallies (
  customer_id text collate "C" not null references customers on delete cascade,
  type text not null,
  upto timestamptz not null,
  after timestamptz not null,
  signals bigint not null,
  primary key (customer_id, type, upto)
);
