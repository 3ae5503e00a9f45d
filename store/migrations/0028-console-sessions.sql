-- Sessions of people in the console. The token itself is nowhere: `hash` is its SHA-256. `key_print` names the key that began a session,
-- which ends when that key is no longer configured.
create table console_sessions (
  hash text primary key,
  name text not null,
  role text not null,
  key_print text not null,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null
);
