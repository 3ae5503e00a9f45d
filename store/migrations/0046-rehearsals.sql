-- Rehearsals on a server, and the customers behind their figures. A result names nobody: who is in it is in rows of their own, which an
-- erasure and an export reach.
create table rehearsals (
  rehearsal_id text collate "C" primary key,
  seq bigint generated always as identity,
  status text not null check (status in ('waiting', 'running', 'done', 'cancelled', 'failed')),
  asked_by text not null,
  asked_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  -- With whole versions, and the hash of a proposal as it was then.
  request jsonb not null,
  progress jsonb,
  error jsonb,
  result jsonb,
  -- The process that plays it, until its lease ends; another one then takes it up, a few times.
  owner text,
  until timestamptz,
  runs int not null default 0
);
create index rehearsals_by_seq on rehearsals (seq desc);
-- One at a time for a store.
create unique index rehearsals_running on rehearsals (status) where status = 'running';

create table rehearsal_decisions (
  customer_id text collate "C" not null,
  rehearsal_id text collate "C" not null,
  -- The part and the figure that it is counted in, and its place there.
  part text not null,
  cell text not null,
  place int not null,
  row jsonb not null,
  primary key (customer_id, rehearsal_id, part, cell, place)
);
create index rehearsal_decisions_of_cell on rehearsal_decisions (rehearsal_id, part, cell, place);
