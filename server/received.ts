import type { ReadSignal } from "../domain/entities/signal.ts";
import { SentientError } from "../domain/errors.ts";
import { withRights } from "../domain/identity/key-rights.ts";
import { notInOperatorsName } from "../intake/operators-name.ts";
import { problem } from "./problem.ts";
import { json, type Reply } from "./reply.ts";
import type { Call } from "./route.ts";

/** Accepts the signals that the key may send, and responds with the result of each. */
export async function received(
  readings: readonly ReadSignal[],
  { service: { ingest, metrics }, rights }: Pick<Call, "service" | "rights">,
): Promise<Reply> {
  if (readings.length === 0) throw new SentientError("BAD_INPUT", "expected at least one signal");
  const result = await ingest.take(readings.map((reading) => withRights(notInOperatorsName(reading), rights)));
  metrics.add("sentient_signals_total", { result: "accepted" }, result.accepted);
  metrics.add("sentient_signals_total", { result: "duplicate" }, result.duplicates);
  metrics.add("sentient_signals_total", { result: "rejected" }, result.rejected.length + (result.moreRejected ?? 0));
  if (result.accepted + result.duplicates > 0) return json(result, 202);
  const first = result.rejected[0]?.error ?? "";
  const code = result.rejected.every((one) => one.code === "FORBIDDEN") ? "FORBIDDEN" : "BAD_INPUT";
  return problem(code, readings.length === 1 ? first : `none of ${readings.length} signals was accepted; the first: ${first}`, {
    ...result,
  });
}
