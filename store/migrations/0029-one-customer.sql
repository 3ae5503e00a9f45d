-- What is over is read by customer too: for the story of a customer, and when a person is exported or erased.
create index promises_of_customer on promises (customer_id);
create index tasks_of_customer on tasks (customer_id);
create index approvals_of_everyone on approvals (customer_id);
-- Open cases of all customers.
create index cases_open on cases (opened_at) where closed_at is null;
