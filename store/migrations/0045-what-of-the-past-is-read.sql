-- A decision reads of a customer's past what its rules look back at, and no more the longer that is: by experience, by what is not over,
-- by kind of outcome. `customer_id` is first everywhere, so that what is one customer's own can be kept together.
create index deliveries_of_experience on deliveries (customer_id, experience_id, reserved_at desc);
create index deliveries_unsettled_of_customer on deliveries (customer_id) where settled_at is null;
create index deliveries_given on deliveries (customer_id, ((asked ->> 'momentId') collate "C")) where asked is not null;
create index outcomes_by_kind on outcomes (customer_id, kind, at desc, delivery_id desc);
create index outcomes_of_experience on outcomes (customer_id, kind, experience_id, at desc, delivery_id desc);
drop index outcomes_of_customer;
create index tasks_open_of_customer on tasks (customer_id) where state in ('open', 'claimed');
create index cases_open_of_customer on cases (customer_id) where closed_at is null;
create index approvals_of_moment on approvals (customer_id, moment_id) where state <> 'lapsed';
drop index approvals_of_customer;
create index offers_good on offers (customer_id, expires_at desc);
create index offers_redeemed on offers (customer_id, redeemed_at desc) where redeemed_by is not null;
drop index offers_of_customer;
