-- Erasures are listed, the latest first.
create index erasures_by_time on erasures (at desc, customer_hash);
