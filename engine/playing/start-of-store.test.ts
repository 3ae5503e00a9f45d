import { join } from "node:path";
import { expect, test } from "vitest";
import { openWorkspace } from "../../runtime/open-workspace.ts";
import { notInStart } from "./start-of-store.ts";

const policyOf = async (name: string) =>
  (await openWorkspace(join(import.meta.dirname, "../../examples", name), { environment: {} })).workspace.policy;

test("what a play from a store does not begin with is told where the policy would read it", async () => {
  expect(notInStart(await policyOf("dealership"))).toEqual([]);
  expect(notInStart(await policyOf("insurer"))).toContain(
    "What canaries came to before (moving-checklist): their guards count from the beginning of the play.",
  );
  expect(notInStart(await policyOf("chain"))).toEqual([expect.stringMatching(/^Earlier lines of conversations: each begins anew/)]);
});
