import type { Decision } from "../domain/entities/decision.ts";
import { isObject } from "../domain/values/json.ts";
import type { Runtime } from "../runtime/create-runtime.ts";

type GivenSignal = Readonly<Record<string, unknown>>;

/**
 * Codes of offers and ids of deliveries are made during a run, so a case names the experience instead: `code: "offer:friends-invitation"`
 * stands for the code that this experience gave the customer first, `deliveryId: "delivery:payment-plan"` for its first delivery to the
 * customer.
 */
const NAMED = { code: /^(offer):(.+)$/, deliveryId: /^(delivery):(.+)$/ } as const;

/** The names that signals use, such as `offer:friends-invitation`. */
export function namesIn(signals: readonly GivenSignal[]): string[] {
  return [...new Set(signals.flatMap((signal) => namedBy(signal)?.name ?? []))];
}

/** Replaces the names in signals by the codes and ids made in the decisions of a run so far. */
export async function withoutNames(
  signals: readonly GivenSignal[],
  decisions: readonly Decision[],
  store: Pick<Runtime["store"], "calls">,
): Promise<GivenSignal[]> {
  return Promise.all(
    signals.map(async (signal) => {
      const named = namedBy(signal);
      if (!named) return signal;
      const { field, experienceId } = named;
      const delivered = decisions.find(
        (one) => one.action === "deliver" && one.experienceId === experienceId && (signal.subject ?? one.customerId) === one.customerId,
      );
      const deliveryId = delivered?.deliveries[0]?.deliveryId;
      const value = field === "deliveryId" ? deliveryId : await codeOf(deliveryId, store);
      return value === undefined ? signal : { ...signal, data: { ...(signal.data as object), [field]: value } };
    }),
  );
}

// --- internal ---

interface Named {
  readonly field: keyof typeof NAMED;
  readonly name: string;
  readonly experienceId: string;
}

function namedBy({ data }: GivenSignal): Named | undefined {
  for (const field of ["code", "deliveryId"] as const) {
    const value = isObject(data) ? data[field] : undefined;
    const experienceId = typeof value === "string" ? NAMED[field].exec(value)?.[2] : undefined;
    if (typeof value === "string" && experienceId !== undefined) return { field, name: value, experienceId };
  }
  return undefined;
}

async function codeOf(deliveryId: string | undefined, { calls }: Pick<Runtime["store"], "calls">): Promise<string | undefined> {
  const [call] = deliveryId === undefined ? [] : await calls.get([`${deliveryId}:action`]);
  const code = isObject(call?.output) ? call.output.code : undefined;
  return typeof code === "string" ? code : undefined;
}
