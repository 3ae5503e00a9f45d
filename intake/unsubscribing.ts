import { randomBytes } from "node:crypto";
import { createUnsubscribeToken, readUnsubscribeToken, unsubscribeSignals, unsubscribeSource } from "../channels/unsubscribe.ts";
import type { ToolDeps } from "../delivery/tool-deps.ts";
import type { SignalEvent } from "../domain/entities/signal.ts";
import { consentKey } from "../domain/identity/consent.ts";
import type { Store } from "../store/store.ts";

/** Makes the addresses at which customers end messages with one click, under the server's public address. */
export async function unsubscribeLinks(store: Store, publicUrl: string): Promise<NonNullable<ToolDeps["unsubscribeUrlOf"]>> {
  const key = await keyOf(store);
  return ({ customerId, channel, deliveryId }) =>
    `${publicUrl}/v1/unsubscribe/${createUnsubscribeToken({ customerId, channel, deliveryId }, key)}`;
}

/**
 * What using such an address means; undefined where its token is not one of ours. Nothing is left to say where it was used
 * before and she has not come back since.
 */
export async function unsubscribing(token: string, store: Store): Promise<readonly SignalEvent[] | undefined> {
  const known = readUnsubscribeToken(token, [await keyOf(store)]);
  if (known === undefined) return undefined;
  const last = await store.inbox.consentOn(known.customerId, consentKey(known.channel));
  if (last?.status === "granted") return unsubscribeSignals(known, `${last.at}-${last.seq}`);
  return last?.source === unsubscribeSource(known.channel) ? [] : unsubscribeSignals(known, "first");
}

// --- internal ---

/** Every process on a store makes and reads the same tokens. */
const keyOf = (store: Store): Promise<string> => store.settingOnce("unsubscribe_secret", () => randomBytes(32).toString("base64url"));
