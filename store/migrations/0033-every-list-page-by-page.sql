-- Lists of what waits for people go on after their last row; of what has ended too. Rows of these tables are few beside decisions.
create index tasks_by_queue on tasks (queue, due, task_id);
create index approvals_by_time on approvals (asked_at, approval_id);
drop index promises_by_due;
create index promises_by_due on promises (due, promise_id) where ended is null;
create index promises_ended on promises (due, promise_id) where ended is not null;
create index cases_closed on cases (opened_at, case_id) where closed_at is not null;
create index inbox_given_up on inbox (dead_at) where dead_at is not null and discarded_at is null;
create index failed_timers_dead on failed_timers (dead_at) where dead_at is not null;
