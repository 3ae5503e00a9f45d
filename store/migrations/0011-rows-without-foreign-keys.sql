-- Written with every decision, in a transaction that has claimed the customer's row: who she is cannot be wrong, nor go away meanwhile.
-- A foreign key would look her up again for every row. Whoever deletes a customer deletes them by name.
alter table signals drop constraint signals_customer_id_fkey;
alter table moments drop constraint moments_customer_id_fkey;
alter table touches drop constraint touches_customer_id_fkey;
alter table runs drop constraint runs_customer_id_fkey;
alter table decisions drop constraint decisions_customer_id_fkey;
alter table deliveries drop constraint deliveries_customer_id_fkey;
alter table deliveries drop constraint deliveries_decision_id_fkey;
alter table timers drop constraint timers_customer_id_fkey;
