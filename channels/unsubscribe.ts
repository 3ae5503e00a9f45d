import type { SignalEvent } from "../domain/entities/signal.ts";
import { hmac, isSame } from "./signature.ts";

/** Whom a link for unsubscribing speaks of, and on account of which message. */
export interface Unsubscribing {
  readonly customerId: string;
  readonly channel: string;
  readonly deliveryId: string;
}

/**
 * A token for the link in a message (RFC 8058): whoever holds it may end this channel for this customer, without logging
 * in, and can do nothing else. It does not expire, because an old message must not keep anybody from leaving.
 */
export function createUnsubscribeToken({ customerId, channel, deliveryId }: Unsubscribing, key: string): string {
  const claim = Buffer.from(JSON.stringify([customerId, channel, deliveryId])).toString("base64url");
  return `${claim}.${proofOf(claim, key)}`;
}

/** What a token says, when it was made with one of the keys: the first makes new tokens, earlier ones still hold. */
export function readUnsubscribeToken(token: string, keys: readonly string[]): Unsubscribing | undefined {
  const [claim = "", proof = "", ...more] = token.slice(0, LONGEST).split(".");
  const isProved = keys.map((key) => isSame(proof, proofOf(claim, key))).includes(true);
  if (!isProved || more.length > 0) return undefined;
  const [customerId, channel, deliveryId] = JSON.parse(Buffer.from(claim, "base64url").toString()) as [string, string, string];
  return { customerId, channel, deliveryId };
}

/** Who speaks when a link is used. */
export const unsubscribeSource = (channel: string): string => `unsubscribe/${channel}`;

/**
 * What using the link means: consent is taken back at once, and the delivery learns of it. Used again it says the same, and
 * that is a duplicate; it counts anew for somebody who has come back in between.
 *
 * @param since what tells the grant that is taken back from others; the same where there is none
 */
export function unsubscribeSignals({ customerId, channel, deliveryId }: Unsubscribing, since: string): SignalEvent[] {
  const common = { specversion: "1.0", source: unsubscribeSource(channel), subject: customerId } as const;
  const id = `${deliveryId}:${since}`;
  return [
    { ...common, id: `${id}:consent`, type: "customer.consent", data: { channel, status: "revoked" } },
    { ...common, id, type: "delivery.unsubscribed", data: { channel, deliveryId } },
  ];
}

// --- internal ---

/** Longer than any token of ours, with customers' ids of the greatest length. */
const LONGEST = 4_096;

/** The purpose is part of what is signed, so that a proof of something else under the same key is none here. */
const proofOf = (claim: string, key: string): string => hmac("sha256", key, `sentient unsubscribe 1\n${claim}`).toString("base64url");
