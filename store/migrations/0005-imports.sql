-- Records as they were imported, so that a recorded stream can be replayed from the store alone.
create table imports (
  seq bigint generated always as identity primary key,
  customer_id text collate "C" not null references customers on delete cascade,
  at timestamptz not null,
  -- The last signal that had arrived before.
  after_seq bigint not null,
  line jsonb not null
);
create index imports_of_customer on imports (customer_id);
