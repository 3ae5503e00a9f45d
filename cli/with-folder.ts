import { join } from "node:path";
import { readConfig } from "../config/config.ts";
import { SentientError } from "../domain/errors.ts";
import { readCustomers } from "../intake/import-customers.ts";
import type { LookUps } from "../operations/look-ups.ts";
import { existsStore } from "../runtime/open-store.ts";
import { openWorkspace } from "../runtime/open-workspace.ts";
import { openStoreAlone } from "../runtime/opened-store.ts";
import type { OnStore } from "./command.ts";
import type { Io } from "./io.ts";
import { serverFor, withLookUps } from "./operating.ts";
import { DEFAULT_DATA, lookedUpIn } from "./with-store.ts";

/**
 * Runs a look-up on the store. Without one, the workspace folder is enough: the customer of its `customers.jsonl` is imported into a store
 * in memory.
 */
export function withLookUpsOrFolder<Result>(
  args: OnStore,
  io: Io,
  customerId: string | undefined,
  work: (lookUps: LookUps) => Promise<Result>,
): Promise<Result> {
  return isStoreThere(args, io) ? withLookUps(args, io, work) : withFolder(args, io, customerId, work);
}

// --- internal ---

/** A folder that is named has to hold a store. */
const isStoreThere = (args: OnStore, io: Io): boolean =>
  args.data !== undefined ||
  readConfig(io.environment).databaseUrl !== undefined ||
  existsStore(DEFAULT_DATA) ||
  serverFor(args, io) !== undefined;

async function withFolder<Result>(
  { workspace: dir = "." }: OnStore,
  io: Io,
  customerId: string | undefined,
  work: (lookUps: LookUps) => Promise<Result>,
): Promise<Result> {
  const opened = await openWorkspace(dir, io);
  const { workspace } = opened;
  const store = await openStoreAlone({
    now: io.now,
    onPrepare: () => io.note("preparing the embedded store (once) …"),
    onWarning: io.warn,
  });
  try {
    if (customerId !== undefined) {
      const file = workspace.customersFile ?? join(workspace.dir, "customers.jsonl");
      const read = workspace.customersFile === undefined ? { lines: [], problems: [], moreProblems: 0 } : readCustomers(file);
      const lines = read.lines.filter(({ customer }) => customer.id === customerId);
      if (lines.length === 0)
        throw new SentientError(
          "NOT_FOUND",
          whyUnknown(
            customerId,
            file,
            read.lines.map(({ customer }) => customer.id),
          ),
        );
      await store.importing(workspace.policy).customers({ ...read, lines }, file, { by: "sentient" });
      io.note(`no store here: ${customerId} is as ${file} has them`);
    }
    return await work(store.lookUps(async () => lookedUpIn(opened, io)));
  } finally {
    await store.close();
  }
}

const MAX_NAMED = 10;

function whyUnknown(customerId: string, file: string, known: readonly string[]): string {
  const named = known.slice(0, MAX_NAMED).join(", ");
  const has = known.length === 0 ? "has nobody" : `has ${named}${known.length > MAX_NAMED ? ", …" : ""}`;
  return `no customer ${customerId}: there is no store here, and ${file} ${has}; --data DIR names a store`;
}
