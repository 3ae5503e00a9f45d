import type { ClaimAhead } from "../agents/claim-ahead.ts";
import type { OpenDelivery } from "../agents/wake-run.ts";
import type { Mutable } from "../domain/values/mutable.ts";
import { storableJson } from "../domain/values/storable.ts";
import type { KeptDelivery } from "../store/store.ts";

/** A delivery to send; its row says `sending` already where it has a claim, of this process or of another one. */
export interface DueDelivery extends KeptDelivery {
  readonly claim?: ClaimAhead | ClaimElsewhere;
}

/** A claim that another process has committed, and which is taken over. */
export type ClaimElsewhere = Pick<ClaimAhead, "name">;

/**
 * Deliveries as the commit of this process has just written them, for the job that sends them: where it runs in this process, it need not
 * read them again. A delivery is taken once; another attempt, another process, and what recovery finds read the rows.
 */
export interface HandedOver {
  /** Keeps those that are complete as they were committed. Returns how to forget what nobody has taken. */
  give(deliveries: readonly OpenDelivery[]): () => void;
  take(ids: readonly string[]): DueDelivery[];
}

export function createHandedOver(): HandedOver {
  const kept = new Map<string, OpenDelivery>();
  return {
    give(deliveries) {
      for (const one of deliveries) if (one.isReady && one.written) kept.set(one.deliveryId, one);
      return () => {
        for (const one of deliveries) if (kept.get(one.deliveryId) === one) kept.delete(one.deliveryId);
      };
    },
    take: (ids) =>
      ids.flatMap((id) => {
        const one = kept.get(id);
        return kept.delete(id) && one ? (asRow(one) ?? []) : [];
      }),
  };
}

// --- internal ---

/** What the row says, as `Deliveries.open` reads it: a reserved delivery with its text and without an action. */
function asRow(one: OpenDelivery): DueDelivery | undefined {
  const { written, content, deliveryId, decisionId, customerId, runId, experienceId, channel, at, frozen } = one;
  if (!written || !content) return undefined;
  const { variant, learnsAs, locale, to, makes, expiresAt, facts, keeps } = written;
  const row: Mutable<DueDelivery> = {
    deliveryId,
    decisionId,
    customerId,
    runId,
    experienceId,
    channel,
    at,
    expiresAt,
    frozen,
    facts,
    keeps,
    status: one.claim ? "sending" : "reserved",
    // What leaves is what was stored, which has no character that cannot be.
    content: JSON.parse(storableJson(content)),
  };
  if (variant !== undefined) row.variant = variant;
  if (learnsAs !== undefined) row.learnsAs = learnsAs;
  if (locale !== undefined) row.locale = locale;
  if (to !== undefined) row.to = to;
  if (makes !== undefined) row.makes = makes;
  if (one.claim) row.claim = one.claim;
  return row;
}
