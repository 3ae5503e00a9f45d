import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../engines/database.ts";
import { createStore, type Store } from "../store.ts";
import { addressesContract } from "./addresses.contract.ts";
import { armsContract } from "./arms.contract.ts";
import { changesContract } from "./changes.contract.ts";
import { commitContract } from "./commit.contract.ts";
import { countsContract } from "./counts.contract.ts";
import { databaseContract } from "./database.contract.ts";
import { deliveriesContract } from "./deliveries.contract.ts";
import { aDelivery, countOf, load, NOON, reserve, write } from "./examples.contract.ts";
import { lookupsContract } from "./lookups.contract.ts";
import { marksContract } from "./marks.contract.ts";
import { overviewContract } from "./overview.contract.ts";
import { pastContract } from "./past.contract.ts";
import { rehearsalsContract } from "./rehearsals.contract.ts";
import { reportsContract } from "./reports.contract.ts";
import { storiesContract } from "./stories.contract.ts";
import { versionsContract } from "./versions.contract.ts";

export interface StoreUnderTest {
  open(): Promise<Database>;
  /** Whether data survives closing; then `open` opens the same store again. */
  readonly outlivesClosing: boolean;
}

/** The contract of the store on every engine. */
export function storeContract({ open, outlivesClosing }: StoreUnderTest): void {
  let opened: Store | undefined;
  const store = (): Store => {
    if (!opened) throw new Error("the store is not open");
    return opened;
  };
  beforeAll(async () => {
    opened = createStore(await open());
  });
  beforeEach(async () => store().clear());
  afterAll(async () => opened?.close());

  describe("changes", () => changesContract(store));
  describe("commit", () => commitContract(store));
  describe("deliveries", () => deliveriesContract(store));
  // A folder is the same engine on another file system: what is read of a store does not rest on that.
  if (!outlivesClosing) readingContracts(store);
  describe("database", () => databaseContract(store));

  test.runIf(outlivesClosing)("data survives closing and reopening", async () => {
    await reserve(store(), aDelivery("m-1"), aDelivery("m-2"));
    await write(store(), "c-m-1", [{ type: "timer_set", key: "judge", timer: { name: "review", due: NOON } }]);
    await store().deliveries.claim(["m-2"], "me", NOON);
    const before = { customer: await load(store(), "c-m-1"), counts: await store().read.counts() };
    await store().close();
    opened = createStore(await open());
    expect({ customer: await load(store(), "c-m-1"), counts: await store().read.counts() }).toEqual(before);
    expect(await countOf(store(), "deliveries", "status = 'sending'")).toBe(1);
    // Sequence numbers continue.
    const last = await store().read.lastDecision();
    await reserve(store(), aDelivery("m-3"));
    expect(await store().read.lastDecision()).toBeGreaterThan(last);
  });
}

function readingContracts(store: () => Store): void {
  describe("addresses", () => addressesContract(store));
  describe("arms", () => armsContract(store));
  describe("lookups", () => lookupsContract(store));
  describe("counted signals", () => countsContract(store));
  describe("her past", () => pastContract(store));
  describe("marks", () => marksContract(store));
  describe("reports", () => reportsContract(store));
  describe("overview", () => overviewContract(store));
  describe("stories", () => storiesContract(store));
  describe("versions", () => versionsContract(store));
  describe("rehearsals", () => rehearsalsContract(store));
}
