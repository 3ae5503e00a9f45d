-- Processes that decide, and what each can do: one that cannot leaves it to one that can. By the database's clock.
create table processes (
  process_id text primary key,
  policy_version text not null,
  -- Since when this version is here without a break: of two, the one that came later knows better what is to be heard.
  since timestamptz not null,
  seen_at timestamptz not null,
  left_at timestamptz,
  -- {"channels": [...], "tools": [...], "experiences": [...], "hears": ["type\nrule", ...]}
  knows jsonb not null
);
