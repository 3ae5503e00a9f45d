import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ClaimAhead } from "../agents/claim-ahead.ts";
import type { Store } from "../store/store.ts";
import { committing } from "./claim-with-commit.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function claimOf(...ids: readonly string[]) {
  const freed: string[] = [];
  const released: (readonly [string, readonly string[]])[] = [];
  const releaseClaim = async (name: string, some: readonly string[]): Promise<void> => void released.push([name, some]);
  const store = { deliveries: { releaseClaim } } as unknown as Store; // Nothing else of it is used.
  const claim = new ClaimAhead("mine", new Map(ids.map((id) => [id, () => void freed.push(id)])));
  return { claim, freed, released, deps: { store, now: () => 7 } };
}

test("what has not begun to be sent some seconds after its commit is taken back, and its place is free", async () => {
  const { claim, freed, released, deps } = claimOf("a", "b");
  const asked: unknown[] = [];
  await committing(claim, deps, async (wanted) => {
    asked.push(wanted);
    return { committed: new Set(), isClaimed: true };
  });
  expect(asked).toEqual([{ name: "mine", at: 7, deliveryIds: new Set(["a", "b"]) }]);
  expect([claim.begin("a"), claim.begin("a"), freed]).toEqual([true, false, ["a"]]);
  await vi.advanceTimersByTimeAsync(4_900);
  expect(released).toEqual([]);
  await vi.advanceTimersByTimeAsync(100);
  expect([released, freed, claim.begin("b")]).toEqual([[["mine", ["b"]]], ["a", "b"], false]);
});

test("where the commit has claimed nothing, its places are free at once, and no row is touched", async () => {
  const { claim, freed, released, deps } = claimOf("a");
  await committing(claim, deps, async () => ({ committed: new Set() }));
  await vi.advanceTimersByTimeAsync(10_000);
  expect([freed, released]).toEqual([["a"], []]);
});

test("a commit that failed may have been written: its claim is released", async () => {
  const { claim, released, deps } = claimOf("a");
  const failed = committing(claim, deps, () => Promise.reject(new Error("the connection went away")));
  await expect(failed).rejects.toThrow("went away");
  expect(released).toEqual([["mine", ["a"]]]);
});
