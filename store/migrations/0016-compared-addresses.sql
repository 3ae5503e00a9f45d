-- From here on an identity is its compared form: one row a customer, and one owner.
-- alone with identities: processes of before migration 15 cannot write identities any more, so stop them first
alter table identities alter column form set not null, drop constraint identities_pkey, add primary key (customer_id, type, form);
create unique index identities_owner on identities (type, form) where owned;
-- alone with inbox_identities: processes of before migration 15 cannot take in signals with identities any more, so stop them first
alter table inbox_identities alter column form set not null, drop constraint inbox_identities_pkey, add primary key (type, form);
create index addresses_of_form on addresses (type, form);
create index identities_shared on identities (customer_id) where not owned;
