import type { SignalEvent } from "../domain/entities/signal.ts";
import { hmac, isSame } from "./signature.ts";

/** The customer and channel of an unsubscribe link, and the message that contains it. */
export interface Unsubscribing {
  readonly customerId: string;
  readonly channel: string;
  readonly deliveryId: string;
}

/**
 * The token of a message's unsubscribe link (RFC 8058): its holder may revoke this channel's consent for this customer, without
 * logging in, and nothing else. It does not expire, because old messages must stay a way to opt out.
 */
export function createUnsubscribeToken({ customerId, channel, deliveryId }: Unsubscribing, key: string): string {
  const claim = Buffer.from(JSON.stringify([customerId, channel, deliveryId])).toString("base64url");
  return `${claim}.${proofOf(claim, key)}`;
}

/** The contents of a token that was made with one of the keys: the first key makes new tokens, earlier ones stay valid. */
export function readUnsubscribeToken(token: string, keys: readonly string[]): Unsubscribing | undefined {
  const [claim = "", proof = "", ...more] = token.slice(0, LONGEST).split(".");
  const isProved = keys.map((key) => isSame(proof, proofOf(claim, key))).includes(true);
  if (!isProved || more.length > 0) return undefined;
  const [customerId, channel, deliveryId] = JSON.parse(Buffer.from(claim, "base64url").toString()) as [string, string, string];
  return { customerId, channel, deliveryId };
}

/** The source of the signals of a used link. */
export const unsubscribeSource = (channel: string): string => `unsubscribe/${channel}`;

/**
 * The signals of a used link: consent is revoked at once, and the delivery gets its outcome. Repeated use is a duplicate,
 * unless the customer has granted consent again in between.
 *
 * @param since identifies the grant that is revoked; constant where there is none
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

/** Longer than any of our tokens, with customer ids of maximum length. */
const LONGEST = 4_096;

/** The purpose is part of the signed text, so that signatures for other purposes under the same key are invalid here. */
const proofOf = (claim: string, key: string): string => hmac("sha256", key, `sentient unsubscribe 1\n${claim}`).toString("base64url");
