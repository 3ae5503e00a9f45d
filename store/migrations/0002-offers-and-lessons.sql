-- Codes given to customers, and what became of them.
create table offers (
  code text collate "C" primary key,
  customer_id text collate "C" not null references customers on delete cascade,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  -- {percent, amount, price, stackable, includes}
  terms jsonb not null,
  redeemed_by text,
  redeemed_at timestamptz,
  -- [{reason, by, at}]: tries that were turned away.
  refusals jsonb not null default '[]'
);
create index offers_of_customer on offers (customer_id);

-- What each experience on each channel has learned from outcomes. `version` grows with every lesson.
create table learned (
  experience_id text collate "C" not null,
  channel text collate "C" not null,
  state jsonb not null,
  version bigint not null,
  primary key (experience_id, channel)
);

-- What a delivery was decided on, as the learner sees it, and whether it has taught its lesson.
alter table deliveries add column features jsonb not null default '[]', add column taught boolean not null default false;
