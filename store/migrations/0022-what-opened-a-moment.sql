-- The type of the signal that opened a moment: answers to the customer's own messages are outside of the holdout.
alter table moments add column if not exists opened_on text not null default '';
-- batches of moments m by moment_id
update moments m set opened_on = s.type from signals s
 where :batch and m.ended is null and s.customer_id = m.customer_id and m.opened_by = s.source || E'\n' || s.id;
