-- The customer's words that opened a promise, for the task of the person who has to answer.
alter table promises add column words jsonb not null default '[]';
