-- Reports read a window of time. Rows of these tables come in the order of their times, so a summary for each range of blocks finds a
-- window, and costs a decision next to nothing.
create index decisions_by_time on decisions using brin (decided_at) with (pages_per_range = 16);
create index deliveries_by_time on deliveries using brin (reserved_at) with (pages_per_range = 16);
create index outcomes_by_time on outcomes (at desc);
