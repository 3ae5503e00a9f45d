import { expect, test } from "vitest";
import { engines } from "../testing/service.ts";
import { soak } from "./soak-run.ts";

test("a service under load with a short retention does not grow: table sizes level out", async () => {
  // A minute is too short for memory to settle: longer runs are in docs/performance.md.
  let growing = await growingIn(40);
  // A machine that is busy for a part of so short a run shows growth where there is none: what grows, grows in every run.
  for (let more = 2; more > 0 && growing.length > 0; more--) {
    const again = await growingIn(40);
    growing = growing.filter((table) => again.includes(table));
  }
  expect(growing).toEqual([]);
});

/** Names of the tables that grew in a run of so many seconds. */
async function growingIn(seconds: number): Promise<readonly string[]> {
  const place = await engines[0]?.place();
  if (!place) throw new Error("there is no engine");
  const verdict = await soak({ place, seconds, keepSeconds: 3, signalsPerSecond: 10, samples: 20 });
  await place.remove();
  expect(verdict.taken).toBeGreaterThan(50);
  return verdict.growing;
}
