import { type Ask, type AskBody, askOf, readAskBody } from "../domain/entities/ask.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { ASK, type SignalEvent } from "../domain/entities/signal.ts";
import type { AskWake } from "../domain/entities/wake.ts";
import { need } from "../domain/errors.ts";
import { entryOf } from "../domain/values/json.ts";

/** The attribute of a recorded ask that was answered as late. */
export const LATE = "late";

/** Parses the `data` of a `sentient.ask`, whose customer the signal may name as its subject. */
export function askBodyOf({ subject, data = {} }: SignalEvent): ReturnType<typeof readAskBody> {
  const { customer, identities } = data;
  return readAskBody(subject !== undefined && customer === undefined && identities === undefined ? { ...data, customer: subject } : data);
}

/** The customer that a recorded ask names in its `data`. */
export const askedFor = ({ type, data = {} }: SignalEvent): string | undefined =>
  type === ASK && typeof data.customer === "string" ? data.customer : undefined;

/** The wake of a recorded ask. Its body has been checked before. */
export function askWake(
  event: SignalEvent,
  by: Pick<Ask, "source" | "id" | "customerId" | "at" | "seq">,
  channels: Policy["channels"],
): { readonly wake: AskWake } {
  const read = askBodyOf(event);
  const body: AskBody = need(read.ok ? read.body : undefined, "a valid ask");
  const pull = need(entryOf(channels, body.channel)?.pull, "a channel of kind pull");
  const { identities } = body;
  const ask = askOf(body, pull, { ...by, ...(identities ? { identities } : {}) });
  return { wake: { kind: "ask", ask: event[LATE] === true ? { ...ask, isLate: true } : ask } };
}
