-- Tasks in the order in which a person works on them: open ones by due date, then ended ones, the latest first.
create index tasks_by_due on tasks (
  (state not in ('open', 'claimed')), (case when state in ('open', 'claimed') then ms(due) else -ms(due) end), task_id
);
