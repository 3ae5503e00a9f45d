import { expect, test } from "vitest";
import type { JsonObject } from "../../domain/values/json.ts";
import { KEPT_REHEARSALS, MOST_RUNS, type RehearsalEnd } from "../rehearsals.ts";
import type { Store } from "../store.ts";
import { countOf, NOON, write } from "./examples.contract.ts";

/** The contract of rehearsals: their order, their lease, and the customers behind their figures. */
export function rehearsalsContract(store: () => Store): void {
  const entry = (target: string) => ({ at: NOON, by: "ann", action: "rehearsal_started", target, details: {} });
  const add = (rehearsalId: string, mostWaiting = 100) =>
    store().rehearsals.add({ rehearsalId, by: "ann", at: NOON, request: { days: 7 } }, entry(rehearsalId), mostWaiting);
  const claim = async (owner: string, leaseMs = 60_000) =>
    (await store().rehearsals.claim({ owner, leaseMs, now: NOON, givenUp: { code: "GIVEN_UP" } }))?.rehearsalId;
  const statuses = async () =>
    Object.fromEntries((await store().rehearsals.list({ limit: 100 })).map(({ rehearsalId, status }) => [rehearsalId, status]));
  const done = (...customerIds: readonly string[]): RehearsalEnd => ({
    ...{ status: "done", result: { simulated: true } },
    rows: customerIds.map((customerId) => ({ customerId, part: "forward", cell: "leftOut", row: { side: "with" } })),
  });
  const end = (rehearsalId: string, owner: string, how: RehearsalEnd = done()) => store().rehearsals.end(rehearsalId, owner, NOON, how);
  const behind = async (rehearsalId: string, page: { readonly limit: number; readonly after?: number } = { limit: 100 }) =>
    store().rehearsals.rows(rehearsalId, { part: "forward", cell: "leftOut" }, page);

  test("one at a time, in the order in which they were asked for; too many that wait are refused", async () => {
    for (const id of ["r-2", "r-1"]) expect(await add(id)).toMatchObject({ rehearsalId: id, status: "waiting", at: NOON });
    expect(await add("r-3", 2)).toBeUndefined();
    expect(await Promise.all([claim("one"), claim("other")])).toEqual(expect.arrayContaining(["r-2", undefined]));
    const owner = (await store().rehearsals.renew("r-2", "one", 60_000, { done: 1 })) ? "one" : "other";
    expect(await end("r-2", owner)).toBe(true);
    expect(await claim("third")).toBe("r-1");
    expect(await statuses()).toEqual({ "r-1": "running", "r-2": "done" });
    expect(await store().rehearsals.result("r-2")).toEqual({ simulated: true });
    expect((await store().operations.audit({ limit: 10 })).map(({ target }) => target)).toEqual(["r-2", "r-1"]);
  });

  test(`one whose process was killed is taken up again, and failed after ${MOST_RUNS} runs; one that is put back counts none`, async () => {
    await add("r-1");
    expect(await claim("stopped")).toBe("r-1");
    await store().rehearsals.release("r-1", "stopped");
    expect(await statuses()).toEqual({ "r-1": "waiting" });
    await add("r-2");
    for (let run = 1; run <= MOST_RUNS; run++) expect(await claim(`killed ${run}`, 0)).toBe("r-1");
    expect(await store().rehearsals.renew("r-1", "killed 1", 60_000, undefined)).toBe(false);
    expect(await end("r-1", "killed 1")).toBe(false);
    expect(await claim("next")).toBe("r-2");
    expect(await store().rehearsals.beginningWith("r-1", 2)).toMatchObject([
      { status: "failed", endedAt: NOON, error: { code: "GIVEN_UP" } },
    ]);
    await store().rehearsals.drop("r-2", "next");
    expect(await claim("at once")).toBe("r-2");
  });

  test("one that is cancelled is nobody's, whether it waits or is played", async () => {
    await add("r-1");
    await add("r-2");
    await claim("one");
    const cancel = (id: string) => store().rehearsals.cancel(id, NOON, { ...entry(id), action: "rehearsal_cancelled" });
    expect([await cancel("r-1"), await cancel("r-2"), await cancel("r-2")]).toEqual([true, true, false]);
    expect(await store().rehearsals.renew("r-1", "one", 60_000, undefined)).toBe(false);
    expect(await end("r-1", "one")).toBe(false);
    expect(await claim("one")).toBeUndefined();
    expect(await statuses()).toEqual({ "r-1": "cancelled", "r-2": "cancelled" });
  });

  test("behind a figure are customers page by page; who was erased meanwhile is left out, and later goes with everything", async () => {
    for (const id of ["c-1", "c-2", "c-3", "c-4"]) await write(store(), id, []);
    await add("r-1");
    await claim("one");
    const erasedAs = (id: string) => `hash of ${id}`;
    const erase = (id: string) =>
      store().people.erase(id, { at: NOON, by: "sue", customerHash: erasedAs(id), addressHashes: [], addresses: [] });
    await erase("c-2");
    await erase("c-3");
    // Somebody new has her id.
    await write(store(), "c-3", []);
    expect(await end("r-1", "one", { ...done("c-4", "c-1", "c-2", "c-3"), erasedAs } as RehearsalEnd)).toBe(true);
    expect((await behind("r-1")).map(({ customerId }) => customerId)).toEqual(["c-4", "c-1"]);
    const [first] = await behind("r-1", { limit: 1 });
    expect(await behind("r-1", { limit: 1, after: first?.place ?? 0 })).toEqual([{ customerId: "c-1", place: 1, row: { side: "with" } }]);
    expect(await store().people.export("c-4")).toMatchObject({ rehearsal_decisions: [{ rehearsal_id: "r-1" }] });
    expect(await erase("c-4")).toMatchObject({ rehearsal_decisions: 1 });
    expect((await behind("r-1")).map(({ customerId }) => customerId)).toEqual(["c-1"]);
  });

  test(`of those that have ended the newest ${KEPT_REHEARSALS} are kept, with what is behind their figures`, async () => {
    await write(store(), "c-1", []);
    for (let n = 0; n <= KEPT_REHEARSALS; n++) {
      await add(`r-${n}`);
      await claim("one");
      await end(`r-${n}`, "one", done("c-1"));
    }
    expect(Object.keys(await statuses())).toHaveLength(KEPT_REHEARSALS);
    expect(await behind("r-0")).toEqual([]);
    expect(await countOf(store(), "rehearsal_decisions")).toBe(KEPT_REHEARSALS);
  });

  test("the newest one of an open proposal is kept until that is answered or revised", async () => {
    const content = {
      experienceId: "e",
      experience: "id: e",
      evals: [],
      evidence: [],
      hash: "h",
      base: {},
      assessment: {},
    };
    const author = { by: "ann", at: NOON, hash: "h", isVerified: true };
    await store().proposals.add({ ...content, proposalId: "p", author }, entry("p"));
    const ended = async (rehearsalId: string, request: JsonObject): Promise<void> => {
      await store().rehearsals.add({ rehearsalId, by: "ann", at: NOON, request }, entry(rehearsalId), 100);
      await claim("one");
      await end(rehearsalId, "one");
    };
    for (const id of ["p-1", "p-2"]) await ended(id, { with: { proposal: "p", hash: "h" } });
    for (let n = 0; n <= KEPT_REHEARSALS; n++) await ended(`r-${n}`, { days: 7 });
    expect(await store().rehearsals.ofProposal("p")).toMatchObject({ rehearsalId: "p-2", status: "done" });
    expect(await store().rehearsals.ofProposal("q")).toBeUndefined();
    expect(await statuses()).not.toHaveProperty("p-1");
    await store().proposals.reject({ proposalId: "p", hash: "h" }, { by: "bea", at: NOON, isVerified: true }, entry("p"));
    await ended("last", { days: 7 });
    expect(await store().rehearsals.ofProposal("p")).toBeUndefined();
  });
}
