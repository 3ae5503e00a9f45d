-- The approved experiences that the canaries of a version replace: they stay for the other customers. By id: the version and the text.
alter table publications add column replaced jsonb;

-- Whose arms a delivery teaches, where not those of its experience: a canary learns beside the approved one that stays.
alter table deliveries add column learns_as text collate "C";
