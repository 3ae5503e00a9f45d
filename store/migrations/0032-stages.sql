-- The stage of a customer since its last change ({name, since}; name null: none holds), and every change of it.
alter table customers add column stage jsonb;

create table stage_changes (
  customer_id text collate "C" not null references customers on delete cascade,
  at timestamptz not null,
  change_id text collate "C" not null,
  from_stage text,
  to_stage text,
  primary key (customer_id, at, change_id)
);
