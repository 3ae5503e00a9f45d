-- The one record of everything. Times are written as timestamptz; ms() gives them as the milliseconds that the code counts in.
-- Ids and names compare by their bytes whatever the server's locale is, so that ties fall the same way everywhere.

create function ms(at timestamptz) returns double precision
  language sql immutable parallel safe
  return round(extract(epoch from at) * 1000)::double precision;

create table customers (
  customer_id text collate "C" primary key,
  -- Raised by every change. A decision is written only if nothing has changed since its customer was loaded.
  version bigint not null default 1,
  origin jsonb not null,
  -- path -> source -> {value, at, seq}: every source's latest word on every field.
  claims jsonb not null default '{}',
  -- signal type -> {at, seq, count, gap}: what is remembered of signals after they are gone.
  seen jsonb not null default '{}',
  -- moment -> when it was opened last.
  openings jsonb not null default '{}',
  standing jsonb,
  import_hash text,
  created_at timestamptz not null
);

-- An identity finds the customer who brought it first; others keep it as an address.
create table identities (
  customer_id text collate "C" not null references customers on delete cascade,
  type text collate "C" not null,
  value text collate "C" not null,
  source text not null,
  at timestamptz not null,
  owned boolean not null,
  primary key (customer_id, type, value)
);
create unique index identities_owner on identities (type, value) where owned;

create table consents (
  customer_id text collate "C" not null references customers on delete cascade,
  channel text collate "C" not null,
  status text not null check (status in ('granted', 'denied', 'revoked')),
  at timestamptz not null,
  source text not null,
  seq bigint not null,
  primary key (customer_id, channel)
);

-- (source, id) is the identity of a signal: a second one is a duplicate, or a conflict when its body differs.
create table signals (
  seq bigint primary key,
  source text not null,
  id text not null,
  type text not null,
  customer_id text collate "C" not null references customers on delete cascade,
  time timestamptz not null,
  received_at timestamptz not null,
  event jsonb not null,
  body_hash text not null,
  unique (source, id)
);
create index signals_of_customer on signals (customer_id, type, time desc);

create table moments (
  moment_id text collate "C" primary key,
  customer_id text collate "C" not null references customers on delete cascade,
  name text collate "C" not null,
  opened_at timestamptz not null,
  expires_at timestamptz not null,
  urgency double precision not null,
  data jsonb not null,
  opened_by text not null,
  opened_seq bigint not null,
  confidence double precision not null,
  decided_by text not null,
  ended text check (ended in ('served', 'expired', 'withdrawn')),
  ended_at timestamptz
);
create index moments_open on moments (customer_id) where ended is null;

create table promises (
  promise_id text collate "C" primary key,
  customer_id text collate "C" not null references customers on delete cascade,
  name text not null,
  owner text not null,
  opened_at timestamptz not null,
  due timestamptz not null,
  opened_by jsonb not null,
  overdue boolean not null default false,
  ended text check (ended in ('kept', 'withdrawn')),
  ended_at timestamptz,
  ended_by text
);
create index promises_open on promises (customer_id) where ended is null;

create table cases (
  customer_id text collate "C" not null references customers on delete cascade,
  case_id text collate "C" not null,
  opened_at timestamptz not null,
  closed_at timestamptz,
  data jsonb not null,
  primary key (customer_id, case_id)
);

-- One ledger of everything the customer feels: our deliveries and contacts by humans.
create table touches (
  touch_id text collate "C" primary key,
  customer_id text collate "C" not null references customers on delete cascade,
  at timestamptz not null,
  kind text not null,
  channel text not null,
  department text,
  -- False once the delivery behind it has failed or was stopped: its slot is free again.
  counted boolean not null default true
);
create index touches_of_customer on touches (customer_id, at desc) where counted;

create table runs (
  run_id text collate "C" primary key,
  customer_id text collate "C" not null references customers on delete cascade,
  wake jsonb not null,
  policy_version text not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  status text not null check (status in ('done', 'running', 'failed')),
  error jsonb,
  -- [{step, agent, ms, ...}]: what each agent did in this run, in order.
  steps jsonb not null default '[]'
);
create index runs_by_time on runs (started_at desc);
create index runs_of_customer on runs (customer_id, started_at desc);

create table decisions (
  seq bigint generated always as identity primary key,
  decision_id text collate "C" not null unique,
  run_id text not null,
  customer_id text collate "C" not null references customers on delete cascade,
  decided_at timestamptz not null,
  action text not null check (action in ('deliver', 'defer', 'await_approval', 'withhold', 'silence')),
  experience_id text,
  channel text,
  -- The whole record, without its deliveries; as text, so that it reads as it was written.
  record json not null,
  -- Set where the decision was pending and its time ran out before anything replaced it.
  lapsed_code text,
  lapsed_at timestamptz
);
create index decisions_of_customer on decisions (customer_id, seq desc);

create table deliveries (
  delivery_id text collate "C" primary key,
  decision_id text collate "C" not null references decisions (decision_id) on delete cascade,
  customer_id text collate "C" not null references customers on delete cascade,
  experience_id text not null,
  department text,
  channel text not null,
  address text,
  status text not null check (status in ('reserved', 'sending', 'sent', 'delivered', 'bounced', 'failed', 'uncertain', 'cancelled')),
  reason text,
  recorded boolean not null default false,
  reserved_at timestamptz not null,
  settled_at timestamptz,
  moments jsonb not null,
  -- Nothing is handed over once the moment behind it is over.
  expires_at timestamptz not null,
  facts jsonb not null,
  -- What text and action read, as it was when the decision fell.
  frozen jsonb not null,
  keeps jsonb not null default '[]',
  makes jsonb,
  action_result jsonb,
  -- True between its hand-over and the writing down of the promises that it keeps and makes.
  promises_due boolean not null default false,
  content jsonb,
  provider_id text,
  attempts integer not null default 0,
  -- Who is handing it over, and since when: set in the transaction that moves it to sending.
  claim text,
  claimed_at timestamptz
);
create index deliveries_of_decision on deliveries (decision_id);
create index deliveries_of_customer on deliveries (customer_id, reserved_at desc);
create index deliveries_unsettled on deliveries (reserved_at) where status in ('reserved', 'sending');
create index deliveries_with_promises on deliveries (delivery_id) where promises_due;

create table outcomes (
  delivery_id text collate "C" not null references deliveries on delete cascade,
  customer_id text collate "C" not null references customers on delete cascade,
  kind text collate "C" not null,
  experience_id text not null,
  channel text not null,
  department text,
  at timestamptz not null,
  reward double precision not null,
  primary key (delivery_id, kind)
);
create index outcomes_of_customer on outcomes (customer_id);

create table approvals (
  approval_id text collate "C" primary key,
  customer_id text collate "C" not null references customers on delete cascade,
  decision_id text not null,
  experience_id text not null,
  moment_id text not null,
  reason text not null,
  asked_at timestamptz not null,
  state text not null check (state in ('pending', 'approved', 'rejected', 'lapsed')),
  answered_at timestamptz,
  answered_by text
);
create index approvals_of_customer on approvals (customer_id) where state <> 'lapsed';
create index approvals_pending on approvals (asked_at) where state = 'pending';

create table tasks (
  task_id text collate "C" primary key,
  customer_id text collate "C" not null references customers on delete cascade,
  queue text not null,
  summary text not null,
  facts jsonb not null,
  created_at timestamptz not null,
  due timestamptz not null,
  delivery_id text,
  promise_id text,
  state text not null default 'open' check (state in ('open', 'claimed', 'done', 'expired', 'withdrawn')),
  claimed_by text,
  claimed_at timestamptz,
  ended_at timestamptz,
  contacted boolean
);
create index tasks_open on tasks (queue, due) where state in ('open', 'claimed');

create table timers (
  customer_id text collate "C" not null references customers on delete cascade,
  key text collate "C" not null,
  name text collate "C" not null,
  due timestamptz not null,
  primary key (customer_id, key)
);
create index timers_due on timers (due, customer_id, name);

-- One row a call of a tool with a side effect: its identity, and what came of it.
create table tool_calls (
  call_key text collate "C" primary key,
  tool text not null,
  customer_id text collate "C" references customers on delete cascade,
  run_id text,
  delivery_id text,
  input jsonb not null,
  status text not null check (status in ('planned', 'running', 'done', 'failed', 'uncertain')),
  output jsonb,
  error jsonb,
  attempts integer not null default 0,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index tool_calls_unsettled on tool_calls (created_at) where status in ('planned', 'running');
create index tool_calls_of_customer on tool_calls (customer_id);

-- How many slots an experience has taken over all customers, for limits that count in total.
create table experience_totals (
  experience_id text collate "C" primary key,
  used bigint not null
);

-- Single values: the clock of a replay, what the store was made with.
create table settings (
  name text primary key,
  value jsonb not null
);
