import type { Decision } from "../domain/entities/decision.ts";
import { isObject } from "../domain/values/json.ts";
import type { Runtime } from "../runtime/create-runtime.ts";

type GivenSignal = Readonly<Record<string, unknown>>;

/**
 * An offer's code is generated when the offer is issued, so a case names the experience instead:
 * `code: "offer:friends-invitation"` stands for the code that this experience gave the customer first.
 */
const NAMED = /^offer:(.+)$/;

/** The experiences whose codes the signals name. */
export function codesIn(signals: readonly GivenSignal[]): string[] {
  return [...new Set(signals.flatMap((signal) => namedBy(signal) ?? []))];
}

/** Replaces the names in signals by the codes issued in the decisions of a run so far. */
export async function withCodes(
  signals: readonly GivenSignal[],
  decisions: readonly Decision[],
  { calls }: Pick<Runtime["store"], "calls">,
): Promise<GivenSignal[]> {
  return Promise.all(
    signals.map(async (signal) => {
      const experienceId = namedBy(signal);
      const made = decisions.find(
        (one) => one.action === "deliver" && one.experienceId === experienceId && (signal.subject ?? one.customerId) === one.customerId,
      );
      const keys = made?.deliveries.map(({ deliveryId }) => `${deliveryId}:action`) ?? [];
      const [call] = keys.length > 0 ? await calls.get(keys) : [];
      const code = isObject(call?.output) ? call.output.code : undefined;
      return code === undefined ? signal : { ...signal, data: { ...(signal.data as object), code } };
    }),
  );
}

// --- internal ---

function namedBy({ data }: GivenSignal): string | undefined {
  const code = isObject(data) ? data.code : undefined;
  return typeof code === "string" ? NAMED.exec(code)?.[1] : undefined;
}
