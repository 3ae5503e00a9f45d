-- Changes of the catalogue that people propose. What is written by them is about the workspace; of customers there are only ids of records, as evidence.
create table proposals (
  proposal_id text collate "C" primary key,
  seq bigint generated always as identity,
  experience_id text not null,
  status text not null check (status in ('open', 'approved', 'rejected')),
  -- Of everything that its authors wrote: what an approval names.
  hash text not null,
  experience text not null,
  -- Files of golden decisions with their texts.
  evals jsonb not null,
  because text,
  evidence text[] not null,
  -- Who proposed and revised it, in order.
  authors jsonb not null,
  -- What was in force where it goes: a proposal is not approved over other text than it was read beside.
  base jsonb not null,
  -- Problems and golden decisions, and the version that they were found under.
  assessment jsonb not null,
  answer jsonb
);
create index proposals_by_seq on proposals (seq desc);
create index proposals_open on proposals (experience_id) where status = 'open';
