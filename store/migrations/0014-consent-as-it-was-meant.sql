-- What was dated ahead counts as of its arrival where that is known, and otherwise as of now: it must not outlive what is
-- said from here on. The time of a store that a replay filled is where that replay stood.

-- batches of inbox i by seq; few are written
update inbox i set time = received_at where :batch and time > received_at;
-- batches of signals s by seq; few are written
update signals s set time = received_at where :batch and time > received_at;

-- The same time for all that follows, however often the upgrade is cut off.
create table if not exists present as
select ms(greatest(now(), (select to_timestamp((value #>> '{}')::float8 / 1000) from settings where name = 'replay_clock' and jsonb_typeof(value) = 'number'))) as at;

-- batches of consents n by customer_id, channel; few are written
update consents n set at = to_timestamp(p.at / 1000) from present p where :batch and ms(n.at) > p.at;
-- batches of identities i by customer_id, type, value; few are written
update identities i set at = to_timestamp(p.at / 1000) from present p where :batch and ms(i.at) > p.at;
-- batches of touches t by touch_id; few are written
update touches t set at = to_timestamp(p.at / 1000) from present p where :batch and ms(t.at) > p.at;
-- batches of outcomes o by delivery_id, kind; few are written
update outcomes o set at = to_timestamp(p.at / 1000) from present p where :batch and ms(o.at) > p.at;
-- batches of promises m by promise_id; few are written
update promises m set opened_at = to_timestamp(p.at / 1000) from present p where :batch and ms(m.opened_at) > p.at;
-- batches of moments m by moment_id; few are written
update moments m set opened_at = to_timestamp(p.at / 1000) from present p where :batch and ms(m.opened_at) > p.at;

-- batches of customers c by customer_id; few are written
update customers c set claims = (
  select jsonb_object_agg(path, (
           select jsonb_object_agg(source, case when (claim ->> 'at')::float8 > p.at then jsonb_set(claim, '{at}', to_jsonb(p.at)) else claim end)
             from jsonb_each(words) w(source, claim)))
    from jsonb_each(c.claims) f(path, words))
  from present p where :batch and jsonb_path_exists(c.claims, '$.*.*.at ? (@ > $now)', jsonb_build_object('now', p.at));

-- batches of customers c by customer_id; few are written
update customers c set seen = (
  select jsonb_object_agg(type, case when (last ->> 'at')::float8 > p.at then jsonb_set(last, '{at}', to_jsonb(p.at)) else last end)
    from jsonb_each(c.seen) s(type, last))
  from present p where :batch and jsonb_path_exists(c.seen, '$.*.at ? (@ > $now)', jsonb_build_object('now', p.at));

-- batches of customers c by customer_id; few are written
update customers c set openings = (select jsonb_object_agg(key, to_jsonb(least(opened::text::float8, p.at))) from jsonb_each(c.openings) o(key, opened))
  from present p where :batch and jsonb_path_exists(c.openings, '$.* ? (@ > $now)', jsonb_build_object('now', p.at));

drop table if exists present;

-- Denials and revocations that were accepted and had no effect: for the spelling of their status, or for want of a channel.
-- batches of signals s by seq; few are written
insert into consents (customer_id, channel, status, at, source, seq)
select distinct on (customer_id, channel) customer_id, channel, status, at, source, seq from (
  select coalesce((select k.root_id from links k where k.customer_id = s.customer_id), s.customer_id) as customer_id, s.time as at, s.source, s.seq,
         left(coalesce(nullif(lower(regexp_replace(s.event #>> '{data,channel}', '^\s+|\s+$', '', 'g')), ''), '*'), 100) as channel,
         lower(regexp_replace(s.event #>> '{data,status}', '^\s+|\s+$', '', 'g')) as status
    from signals s where :batch and s.type = 'customer.consent'
) said where status in ('denied', 'revoked') order by customer_id, channel, at desc, seq desc
on conflict (customer_id, channel) do update
  set status = excluded.status, at = excluded.at, source = excluded.source, seq = excluded.seq, reason = null
where (excluded.at, excluded.seq) > (consents.at, consents.seq);

-- Channels are compared without case and outer blanks. Of several words on one the newest stands.
-- batches of consents n by customer_id, channel; few are written
delete from consents n using consents o
 where :batch and o.customer_id = n.customer_id and o.channel <> n.channel
   and lower(regexp_replace(o.channel, '^\s+|\s+$', '', 'g')) = lower(regexp_replace(n.channel, '^\s+|\s+$', '', 'g'))
   and (o.at, o.seq, o.status <> 'granted', o.channel) > (n.at, n.seq, n.status <> 'granted', n.channel);
-- What a process of the version before has said meanwhile keeps its spelling, rather than clash with what stands.
-- batches of consents n by customer_id, channel; few are written
update consents n set channel = left(lower(regexp_replace(channel, '^\s+|\s+$', '', 'g')), 100)
 where :batch and channel <> left(lower(regexp_replace(channel, '^\s+|\s+$', '', 'g')), 100)
   and not exists (select 1 from consents o where o.customer_id = n.customer_id and o.channel = left(lower(regexp_replace(n.channel, '^\s+|\s+$', '', 'g')), 100));
