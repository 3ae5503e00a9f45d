import { expect, test } from "vitest";
import { engines } from "../testing/service.ts";
import { soak } from "./soak-run.ts";

test("a service under load with a short retention does not grow: table sizes level out", async () => {
  const place = await engines[0]?.place();
  if (!place) throw new Error("there is no engine");
  const verdict = await soak({ place, seconds: 40, keepSeconds: 3, signalsPerSecond: 10, samples: 20 });
  await place.remove();
  // A minute is too short for memory to settle: longer runs are in docs/performance.md.
  expect(verdict.growing).toEqual([]);
  expect(verdict.taken).toBeGreaterThan(50);
});
