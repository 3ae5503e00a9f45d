-- What operators do: who did what, what is stopped by hand, and what is left of somebody who was erased.

alter table approvals add column note text;
alter table tasks add column ended_by text, add column note text;
create index tasks_of_delivery on tasks (delivery_id) where state in ('open', 'claimed');
create index tasks_of_promise on tasks (promise_id) where state in ('open', 'claimed');

-- Looked at in the transaction that hands a delivery over.
create table pauses (
  scope text not null check (scope in ('all', 'channel', 'department', 'agent')),
  -- Empty where everything is paused.
  name text collate "C" not null,
  since timestamptz not null,
  paused_by text not null,
  note text,
  primary key (scope, name)
);

create table audit (
  audit_id bigint generated always as identity primary key,
  at timestamptz not null,
  actor text not null,
  action text not null,
  target text not null,
  -- Set where it is about a person: such lines go with her when she is erased.
  customer_id text collate "C",
  details jsonb not null
);
create index audit_of_customer on audit (customer_id) where customer_id is not null;

-- Who was erased, when and by whom, without anything about them: the id only as its keyed hash.
create table erasures (
  customer_hash text primary key,
  at timestamptz not null,
  erased_by text not null
);

-- Addresses of erased people as keyed hashes, so that nothing is sent to them because they are imported again.
create table erased_addresses (
  address_hash text primary key,
  at timestamptz not null
);
