-- What went wrong with deliveries and calls, newest first, and promises by their due time. The column stands in for the status: an index
-- that names the status would be written again by every hand-over.
-- alone with deliveries: a column that is computed and stored is added only by writing the whole table again, and all others wait
alter table deliveries add column troubled boolean not null generated always as (status in ('bounced', 'failed', 'uncertain')) stored;
create index deliveries_troubled on deliveries (settled_at desc) where troubled;
create index tool_calls_troubled on tool_calls (created_at desc) where status in ('failed', 'uncertain');
create index promises_by_due on promises (due) where ended is null;
