-- Addresses as they are compared. The forms are written by the code that compares them, as further steps of this migration
-- (store/migrations/bring-addresses.ts).
alter table identities
  add column form text collate "C",
  -- Order of arrival of whoever said it last, and its place among those that were said together (0: marked as primary).
  add column seq bigint not null default 0,
  add column place int not null default 1;
alter table inbox_identities add column form text collate "C";
drop index identities_owner;

-- Every address that a customer has, by identity or by trait: whom a word about an address is about.
create table addresses (
  customer_id text collate "C" not null references customers on delete cascade,
  type text collate "C" not null,
  form text collate "C" not null,
  primary key (customer_id, type, form)
);

-- Who has one of these, now or later, said no on the channel, until she herself grants anew.
create table opted_out_addresses (
  type text collate "C" not null,
  form text collate "C" not null,
  channel text collate "C" not null,
  status text not null check (status in ('denied', 'revoked')),
  at timestamptz not null,
  source text not null,
  seq bigint not null,
  reason text,
  primary key (type, form, channel)
);

-- Keys of signals whose source or id holds a line break were ambiguous (domain/key.ts).
create function joined_key(a text, b text) returns text
  language sql immutable parallel safe
  return case when position(E'\n' in a || b) = 0 then a || E'\n' || b
         else E'\n' || replace(replace(a, '\', '\\'), E'\n', '\n') || E'\n' || replace(replace(b, '\', '\\'), E'\n', '\n') end;

-- batches of moments m by moment_id; few are written
update moments m set opened_by = joined_key(s.source, s.id)
  from signals s
 where :batch and m.ended is null and m.opened_by ~ E'\n.*\n' and s.customer_id = m.customer_id
   and position(E'\n' in s.source || s.id) > 0 and m.opened_by = s.source || E'\n' || s.id;
-- batches of promises p by promise_id; few are written
update promises p
   set opened_by = (select jsonb_agg(coalesce(a.key, e.value) order by e.ordinality)
                      from jsonb_array_elements_text(p.opened_by) with ordinality e
                      left join lateral (select joined_key(s.source, s.id) as key from signals s
                                          where e.value ~ E'\n.*\n' and s.customer_id = p.customer_id
                                            and position(E'\n' in s.source || s.id) > 0 and e.value = s.source || E'\n' || s.id
                                          order by 1 limit 1) a on true)
 where :batch and p.ended is null
   and exists (select 1 from jsonb_array_elements_text(p.opened_by) e join signals s on s.customer_id = p.customer_id
                where e.value ~ E'\n.*\n' and position(E'\n' in s.source || s.id) > 0 and e.value = s.source || E'\n' || s.id);
