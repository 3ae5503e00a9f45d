import { checkSignal } from "../../domain/entities/signal.ts";
import { iso, MINUTE } from "../../domain/values/time.ts";
import { runStream } from "../../engine/run-stream.ts";
import { signalLine } from "../../intake/read-signals.ts";
import { createRuntime } from "../../runtime/create-runtime.ts";
import { policyOf } from "../../testing/policy.ts";
import { spread } from "../machine.ts";

const SIZES = [10, 100, 1_000, 5_000];
/** Wakes of a round, each of another customer, and rounds that are measured. */
const WAKES = 8;
const ROUNDS = 9;

/** What a decision costs where many approved experiences serve the one moment that is open. */
export async function growthOfExperiences() {
  const rows = [["", "experiences", "CPU ms a decision", "least", "most", "KB a record, at most"]];
  for (const [name, experience] of Object.entries(CATALOGUES)) {
    for (const size of SIZES) {
      const { cpuMs, bytes } = await measure(Array.from({ length: size }, (_, place) => `id: e${place}\n${experience(place)}`));
      const { median, least, most } = spread(cpuMs);
      rows.push([name, String(size), ...[median, least, most].map((ms) => ms.toFixed(1)), (bytes / 1024).toFixed(1)]);
    }
  }
  return { title: "growth: approved experiences that serve one open moment (embedded, rounds of 8)", rows };
}

// --- internal ---

/** By what the experiences have in common. */
const CATALOGUES: Readonly<Record<string, (place: number) => string>> = {
  "conditions that they share, half fail": (place) =>
    `eligibility: [customer.active]\nsuitability: ['customer.score >= ${(place % 20) * 10}']\napplicability: ["!has(customer.left)"]`,
  "all compete, of one value": () => "",
  "all compete, each of its own value": (place) => `value: ${1 + place}`,
};

async function measure(experiences: readonly string[]): Promise<{ readonly cpuMs: readonly number[]; readonly bytes: number }> {
  const policy = policyOf("", experiences);
  await using runtime = await createRuntime({ policy, live: false, now: Date.now });
  const cpuMs: number[] = [];
  let bytes = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const began = process.cpuUsage();
    const { decisions } = await runStream(wakes(round), {
      ...runtime,
      onDecision: (decision) => {
        bytes = Math.max(bytes, Buffer.byteLength(JSON.stringify(decision)));
      },
    });
    const { user, system } = process.cpuUsage(began);
    // The first round is the warm-up.
    if (round > 0) cpuMs.push((user + system) / 1_000 / decisions);
  }
  return { cpuMs, bytes };
}

async function* wakes(round: number) {
  for (let place = 0; place < WAKES; place++) {
    const traits = { active: true, score: 95 };
    const time = iso(Date.UTC(2026, 5, 1, 15) + round * MINUTE);
    const event = { specversion: "1.0", id: `s-${round}-${place}`, source: "bench", type: "go", subject: `c-${round}-${place}`, time };
    yield signalLine(place + 1, checkSignal({ ...event, data: { traits } }));
  }
}
