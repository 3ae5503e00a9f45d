import { randomBytes } from "node:crypto";
import { createUnsubscribeToken, readUnsubscribeToken, unsubscribeSignals, unsubscribeSource } from "../channels/unsubscribe.ts";
import type { ToolDeps } from "../delivery/tool-deps.ts";
import type { SignalEvent } from "../domain/entities/signal.ts";
import { consentKey } from "../domain/identity/consent.ts";
import type { Store } from "../store/store.ts";

/** Creates one-click unsubscribe URLs under the server's public URL. */
export async function unsubscribeLinks(store: Store, publicUrl: string): Promise<NonNullable<ToolDeps["unsubscribeUrlOf"]>> {
  const key = await keyOf(store);
  return ({ customerId, channel, deliveryId }) =>
    `${publicUrl}/v1/unsubscribe/${createUnsubscribeToken({ customerId, channel, deliveryId }, key)}`;
}

/**
 * Returns the signals of an unsubscribe request; undefined if its token is not ours, and none if the customer is already
 * unsubscribed by this link and has not granted consent since.
 */
export async function unsubscribing(token: string, store: Store): Promise<readonly SignalEvent[] | undefined> {
  const known = readUnsubscribeToken(token, [await keyOf(store)]);
  if (known === undefined) return undefined;
  const last = await store.inbox.consentOn(known.customerId, consentKey(known.channel));
  if (last?.status === "granted") return unsubscribeSignals(known, `${last.at}-${last.seq}`);
  return last?.source === unsubscribeSource(known.channel) ? [] : unsubscribeSignals(known, "first");
}

// --- internal ---

/** Token key, shared by every process on a store. */
const keyOf = (store: Store): Promise<string> => store.settingOnce("unsubscribe_secret", () => randomBytes(32).toString("base64url"));
