-- Traits that were not taken into a golden record because it is full: when, how many, and paths of the latest.
alter table customers add column left_out jsonb;
