-- What became of each canary: a row a life, which is its file outside `canary`. Nothing in it is about a customer.
create table canaries (
  life text collate "C" primary key,
  experience_id text not null,
  started_at timestamptz not null,
  stopped_at timestamptz,
  stopped_by text,
  -- In words, and the figures of each guard at that time.
  why text,
  readings jsonb,
  approved_at timestamptz,
  approved_by text
);

-- The life of the canary that a delivery is from: what its guards count.
alter table deliveries add column canary text collate "C";
create index deliveries_of_canary on deliveries (canary) where canary is not null;

-- The task of a stopped canary is about no customer.
alter table tasks alter column customer_id drop not null;
