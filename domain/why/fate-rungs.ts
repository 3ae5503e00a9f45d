import { timeInWords } from "../deciding/explain.ts";
import type { Policy } from "../entities/policy.ts";
import { iso } from "../values/time.ts";
import type { Climbed, Fate } from "./rung.ts";

/** Whether the provider, or the queue of people, has the message. */
export function handedOver({ status, reason, channel, recorded, reservedAt, settledAt }: Fate, policy: Policy, zone: string): Climbed {
  const at = timeInWords(iso(settledAt ?? reservedAt), zone);
  const because = reason === undefined ? "" : `: ${reason}`;
  if (recorded) return { state: "yes", says: `it was recorded by ${channel} on ${at} and not sent: this was a run without --live` };
  switch (status) {
    case "reserved":
    case "sending":
      return {
        state: "waits",
        says: `it waits to be handed over by ${channel} since ${timeInWords(iso(reservedAt), zone)} (${status})`,
        change: "the hand-over, as soon as the provider takes it",
        ask: { about: `deliveries by ${channel} on the page Health` },
      };
    case "cancelled":
    case "failed":
    case "uncertain":
      return {
        state: status === "uncertain" ? "unknown" : "no",
        says: `it was ${status} on ${at}${because}`,
        change: status === "cancelled" ? "nothing ending it before it goes" : "a retry of its run, once the provider answers",
        ask: { about: `deliveries by ${channel} on the page Health` },
      };
    default: {
      const isTask = policy.channels[channel]?.makesTask === true;
      return { state: "yes", says: isTask ? `it became a task in ${channel} on ${at}` : `it was handed over by ${channel} on ${at}` };
    }
  }
}

/** Whether a receipt says that it arrived. Tasks and recorded messages have none. */
export function arrived({ status, reason, channel, outcomes, recorded }: Fate, policy: Policy, zone: string): Climbed {
  if (recorded) return { state: "unknown", says: "what is only recorded arrives nowhere" };
  if (policy.channels[channel]?.makesTask) return { state: "yes", says: "the task stands on the page Tasks" };
  const bounce = outcomes.find(({ kind }) => kind === "bounced");
  if (status === "bounced" || bounce)
    return {
      state: "no",
      says: `it bounced${bounce ? ` on ${timeInWords(iso(bounce.at), zone)}` : ""}${reason === undefined ? "" : `: ${reason}`}`,
      change: "an address that takes mail",
      ask: { about: "the customer's addresses, on the page of the customer" },
    };
  const proof = outcomes.find(({ kind }) => PROOFS.includes(kind));
  if (proof) return { state: "yes", says: `${proof.kind} on ${timeInWords(iso(proof.at), zone)}` };
  if (status === "delivered") return { state: "yes", says: "the provider says that it was delivered" };
  return { state: "unknown", says: "no receipt has come" };
}

/** The customer's reaction, or the statement that none came in time. */
export function afterwards({ outcomes }: Fate, zone: string): Climbed {
  const told = outcomes.filter(({ kind }) => kind !== "delivered" && kind !== "bounced");
  if (told.length === 0) return { state: "unknown", says: "nothing yet" };
  return { state: "yes", says: told.map(({ kind, at }) => `${kind} on ${timeInWords(iso(at), zone)}`).join("; ") };
}

// --- internal ---

/** Outcomes that only a message that arrived can have. */
const PROOFS: readonly string[] = ["delivered", "opened", "clicked", "replied", "complained", "unsubscribed"];
