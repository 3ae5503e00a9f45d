import { CARRIES_OUT } from "../../domain/deciding/pause.ts";
import { IS_WITH_HUMAN } from "../reading/conversations.ts";
import { membersOf, rootOf } from "../reading/links.ts";
import { hasOptOut } from "./address-refusals.ts";

/** Whether an operator's pause holds delivery `d` (SQL): it is not sent, and its action does not run. */
export const IS_PAUSED = `exists (
  select 1 from pauses p where p.scope = 'all' or (p.scope = 'agent' and p.name = '${CARRIES_OUT}')
     or (p.scope = 'channel' and p.name = d.channel) or (p.scope = 'department' and p.name = d.department))`;

/** Whether an operator has paused one of these agents (SQL). */
export const isAgentPaused = (...names: readonly string[]): string =>
  `exists (select 1 from pauses p where p.scope = 'agent' and p.name in (${names.map((name) => `'${name}'`).join(", ")}))`;

/**
 * The reason code why delivery `d` may not be sent at an instant (SQL; a null instant: the time of its decision), or null: its moment
 * has expired, consent was revoked or the address became undeliverable since, a human has taken over, or an operator has paused it.
 */
export const holdReason = (now: string): string => `
  case when d.expires_at <= coalesce(${now}::timestamptz, d.reserved_at) then 'moment_expired'
       when exists (select 1 from consents n where n.customer_id = ${rootOf("d.customer_id")} and n.channel = lower(d.channel) and n.status <> 'granted') then 'consent_revoked'
       when ${hasOptOut(membersOf("array[d.customer_id]"), rootOf("d.customer_id"))} then 'consent_revoked'
       when exists (select 1 from gone_addresses g where g.customer_id = any(${membersOf("array[d.customer_id]")}) and g.value = d.address) then 'no_channel'
       when d.frozen ? 'conversation' and exists (select 1 from tasks t where t.customer_id = any(${membersOf("array[d.customer_id]")}) and ${IS_WITH_HUMAN}
                       and (t.state = 'claimed' or t.facts->>'conversation' <> d.delivery_id)) then 'human_takeover'
       when ${IS_PAUSED} then 'paused'
  end`;
