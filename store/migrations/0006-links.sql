-- Two ids of one person. Both source records stay as they are: a link says that whoever asks for the one gets the other.
create table links (
  -- Who has disappeared.
  customer_id text collate "C" primary key references customers on delete cascade,
  -- Into whom, as it was said, and where the links lead from there in the end.
  into_id text collate "C" not null references customers on delete cascade,
  root_id text collate "C" not null references customers on delete cascade,
  at timestamptz not null,
  source text not null,
  signal_id text not null,
  -- {consents, timers}: what the merge changed, for when the link is removed.
  before jsonb not null
);
create index links_by_root on links (root_id);
create index links_by_target on links (into_id);
