-- What was approved: the channel and the variant that a human read. Null in older rows: whatever wins.
alter table approvals add column channel text collate "C", add column variant text collate "C";
