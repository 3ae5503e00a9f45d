import type { AskLedger, DeferredMail } from "./ask-ledger.ts";

/** Runs a query in the schema of a store. */
type Rows = <Row extends object>(sql: string) => Promise<Row[]>;

/** The part of a ledger of asks that is in the record of a store. `mail` is the experience that was deferred before the asks began. */
export async function readAskLedger(
  rows: Rows,
  mail: string,
): Promise<Pick<AskLedger, "kept" | "decided" | "slots" | "confirmedLate" | "mails">> {
  return {
    kept: await rows("select id, late from asks"),
    decided: await rows(DECIDED),
    slots: await rows(SLOTS),
    confirmedLate: await rows(CONFIRMED_LATE),
    mails: (await rows<MailRow>(mailsOf(mail))).map(({ customerId, untils, sent }) => ({
      customerId,
      untils: (untils ?? []).map((one) => Date.parse(one)),
      sent: sent.map(({ decidedAt, due, ...one }) => ({
        ...one,
        decidedAt: Date.parse(decidedAt),
        due: due === null ? null : Date.parse(due),
      })),
    })),
  };
}

// --- internal ---

interface MailRow extends Pick<DeferredMail, "customerId"> {
  readonly untils: readonly string[] | null;
  readonly sent: readonly {
    readonly deliveryId: string;
    readonly status: string;
    readonly decidedAt: string;
    readonly due: string | null;
  }[];
}

const DECIDED = `
select n.decision_id as "decisionId", n.customer_id as "customerId", n.record -> 'wake' ->> 'askId' as "askId",
       n.record -> 'wake' ->> 'place' as place, n.action, n.experience_id as "experienceId",
       coalesce(n.record ->> 'deliveryId', d.delivery_id) as "deliveryId", n.record ->> 'again' is not null as again
  from decisions n left join deliveries d using (decision_id)
 where n.record -> 'wake' ->> 'kind' = 'ask' order by n.seq`;

const SLOTS = `
select d.delivery_id as "deliveryId", d.customer_id as "customerId", d.experience_id as "experienceId", d.channel, d.status, d.reason,
       n.seq::float8 as "decisionSeq", ms(d.reserved_at) as "reservedAt", ms(d.settled_at) as "settledAt", ms(d.claimed_at) as "claimedAt",
       d.asked ->> 'place' as place, (d.asked ->> 'holdUntil')::float8 as "holdUntil", t.counted
  from deliveries d join decisions n using (decision_id) left join touches t on t.touch_id = d.delivery_id order by n.seq`;

const CONFIRMED_LATE = `
select a.target as "deliveryId", ms(s.time) as at, ms(r.started_at) as "appliedAt"
  from audit a
  join signals s on s.type = 'delivery.sent' and s.event -> 'data' ->> 'deliveryId' = a.target
  join runs r on r.customer_id = s.customer_id and r.wake ->> 'signalId' = s.id
 where a.action = 'hold.confirmed_late'`;

const mailsOf = (experience: string): string => `
select c.customer_id as "customerId",
       (select json_agg(distinct n.record ->> 'until') from decisions n
         where n.customer_id = c.customer_id and n.action = 'defer' and n.experience_id = '${experience}') as untils,
       (select coalesce(json_agg(json_build_object('deliveryId', d.delivery_id, 'status', d.status, 'decidedAt', n.record ->> 'decidedAt',
                                                   'due', n.record -> 'wake' ->> 'due')), '[]')
          from deliveries d join decisions n using (decision_id) where d.customer_id = c.customer_id and d.experience_id = '${experience}') as sent
  from customers c
 where exists (select 1 from signals s where s.customer_id = c.customer_id and s.type = 'go') order by 1`;
