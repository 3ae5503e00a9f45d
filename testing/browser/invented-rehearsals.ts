import type { Json, JsonObject } from "../../domain/values/json.ts";
import type { KeptResult } from "../../operations/rehearsals/views.ts";
import type { PlayRehearsal } from "../../runtime/rehearsals/play-rehearsal.ts";
import type { RehearsalRow } from "../../store/store.ts";
import { aRehearsal } from "../rehearsal.ts";
import { until } from "../service.ts";

/** The seed of a rehearsal that is played until it is cancelled. */
const ENDLESS = "endless";

/** Plays no rehearsal: gives an invented result at once. Its seed names an experience and a rule, its field a customer. */
export const inventRehearsal: PlayRehearsal = async ({ seed, by = "c-dana" }, _database, { signal, onProgress }) => {
  onProgress({ part: "forward", done: 3, of: 8, text: "3 of 8 plays, 120 wakes" });
  if (seed !== ENDLESS) return { result: resultOf(seed), rows: rowsOf(seed, by) };
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  return undefined;
};

/** What a test has of a console. */
interface OfConsole {
  ask<Answer>(path: string, body?: Json): Promise<Answer>;
  settled(): Promise<void>;
}

/** Has one rehearsal played, and leaves another one that goes on. */
export async function rehearse(
  { ask, settled }: OfConsole,
  { seed = "sentient", ...more }: { readonly seed?: string; readonly by?: string } = {},
): Promise<{ readonly done: string; readonly running: string }> {
  const start = async (body: { readonly seed: string; readonly by?: string }): Promise<string> =>
    (await ask<{ rehearsalId: string }>("/v1/rehearsals", { days: 30, paths: 4, ...body })).rehearsalId;
  const statusOf = async (id: string): Promise<string> => (await ask<{ status: string }>(`/v1/rehearsals/${id}`)).status;
  const done = await start({ seed, ...more });
  await until(async () => (await statusOf(done)) === "done", "a rehearsal that is done");
  const running = await start({ seed: ENDLESS });
  await until(async () => (await statusOf(running)) === "running", "a rehearsal that is played");
  await settled();
  return { done, running };
}

// --- internal ---

/** As it is kept: who is left out is among the rows. */
function resultOf(name: string): KeptResult {
  const { forward, ...result } = aRehearsal({ name, paths: 4, customers: 12 });
  const { leftOut: _left, reached: _reached, ...kept } = forward;
  return { ...result, forward: kept } as unknown as KeptResult; // which has lists that may be changed
}

function rowsOf(name: string, customerId: string): RehearsalRow[] {
  const at = "2026-09-09T10:00:00.000Z";
  const sent = { action: "deliver", experienceId: name, channel: "email", codes: ["eligible"] };
  const silent = { action: "silence", codes: ["cap_reached"] };
  const nothing = (share: number) => ({ action: "nothing", codes: [`cap_reached: ${name}`], share });
  const row = (part: "recorded" | "forward", cell: string, told: JsonObject): RehearsalRow => ({
    customerId,
    part,
    cell,
    row: { at, ...told },
  });
  return [
    row("recorded", "deliver>silence", { side: "both", against: sent, with: silent }),
    row("recorded", "deliveries", { side: "against", against: sent, with: silent }),
    row("forward", "deliveries", { side: "with", with: sent, simulated: true }),
    row("forward", "leftOut", { side: "with", against: nothing(0.25), with: nothing(0.75), simulated: true }),
  ];
}
