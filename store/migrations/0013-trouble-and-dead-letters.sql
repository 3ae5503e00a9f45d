-- When a lease was given. One from the future was given before the server's clock was put back, and holds nobody up.
alter table lanes add column since timestamptz not null default clock_timestamp();

-- A dead signal that an operator has discarded stays, so that the same one coming again is a duplicate; what it said goes with the other dead ones.
alter table inbox add column discarded_at timestamptz;

-- What operators revived was written down with the ids of the signals, and without whose they were: it could not go with her.
update audit set details = jsonb_set(details, '{signals}', to_jsonb(jsonb_array_length(details -> 'signals')))
 where action = 'revived' and jsonb_typeof(details -> 'signals') = 'array';
