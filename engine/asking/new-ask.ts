import { createHash } from "node:crypto";
import { type Ask, type AskBody, askOf, readAskBody } from "../../domain/entities/ask.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { ASK } from "../../domain/entities/signal.ts";
import { need, SentientError } from "../../domain/errors.ts";
import { canonicalJson, entryOf, type Json, type JsonObject } from "../../domain/values/json.ts";
import { type Instant, iso } from "../../domain/values/time.ts";
import type { StoredSignal } from "../../store/store.ts";

/** A body that was read: as it came, and checked. */
export interface ReadAsk {
  readonly given: JsonObject;
  readonly body: AskBody;
  /** Two asks with the same id are the same ask if and only if their bodies hash to the same. */
  readonly bodyHash: string;
}

/**
 * Reads the body of an ask.
 *
 * @throws `BAD_INPUT` with the path and what was expected
 */
export function readAsk(given: JsonObject): ReadAsk {
  const read = readAskBody(given);
  if (!read.ok) throw new SentientError("BAD_INPUT", read.problem);
  return { given, body: read.body, bodyHash: createHash("sha256").update(canonicalJson(given)).digest("base64url") };
}

/** An ask whose customer has been found, and the signal as which it stays in the record. */
export interface NewAsk {
  readonly ask: Ask;
  readonly signal: StoredSignal;
}

/** Where an ask stands: its key, its place in the order of arrival, and its customer. */
export interface AskPlace {
  readonly source: string;
  readonly id: string;
  readonly seq: number;
  readonly customerId: string;
  readonly at: Instant;
}

export function newAsk({ given, body, bodyHash }: ReadAsk, place: AskPlace, channels: Policy["channels"]): NewAsk {
  const pull = need(entryOf(channels, body.channel)?.pull, "a channel of kind pull");
  const { source, id, seq, customerId, at } = place;
  const event: JsonObject = { specversion: "1.0", id, source, type: ASK, time: iso(at), data: given };
  return {
    ask: askOf(body, pull, { ...place, ...(body.identities ? { identities: body.identities } : {}) }),
    signal: { seq, source, id, type: ASK, customerId, time: at, receivedAt: at, event: event as Json, bodyHash },
  };
}
