-- What a delivery says in one of several variants, and in which of several languages.
alter table deliveries add column variant text collate "C", add column locale text collate "C";

-- Arms are learned by variant; '' where an experience says a thing in one way only. `heir`: the variant that has taken over what was
-- learned before there were variants.
alter table learned add column variant text collate "C" not null default '', add column heir text collate "C";
alter table learned drop constraint learned_pkey, add primary key (experience_id, channel, variant);
