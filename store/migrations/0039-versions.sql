-- Versions of the workspace: its files before variables are filled in, by `policyVersion`.
create table versions (
  policy_version text collate "C" primary key,
  files jsonb not null
);

-- Each time a version was put in force, in order: the last one is in force. A version that was only kept has a row that never was.
create table publications (
  seq bigint generated always as identity primary key,
  policy_version text collate "C" not null references versions,
  at timestamptz not null,
  actor text not null,
  note text,
  -- Where its files came from: a folder, a request, or `roll-back`.
  origin text not null,
  in_force boolean not null
);
create index publications_in_force on publications (seq desc) where in_force;
