import { readConfig } from "../config/config.ts";
import { SentientError } from "../domain/errors.ts";
import { WORKSPACE_SETTING } from "../runtime/begin-store.ts";
import { existsStore, openStore, type Store } from "../runtime/open-store.ts";
import { openWorkspace } from "../runtime/open-workspace.ts";
import type { Workspace } from "../workspace/load.ts";
import type { OnStore } from "./command.ts";
import type { Io } from "./io.ts";

/** Where the store is when nothing else is said. */
export const DEFAULT_DATA = ".sentient";

/** Opens the store that a command looks into, and closes it whatever happens. */
export async function withStore<T>(
  { data }: Pick<OnStore, "data">,
  { environment, now, warn }: Io,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const { databaseUrl } = readConfig(environment);
  const isServer = databaseUrl !== undefined && data === undefined;
  const dataDir = data ?? DEFAULT_DATA;
  if (!isServer && !existsStore(dataDir)) {
    throw new SentientError("NOT_FOUND", `no store in ${dataDir}; make one with: sentient run WORKSPACE --data ${dataDir}`);
  }
  const store = await openStore(isServer ? { databaseUrl, now } : { dataDir, now, onWarning: warn });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** The workspace that a store belongs to: `--workspace`, or the one it was filled under, or the current folder. */
export async function workspaceOfStore({ workspace }: Pick<OnStore, "workspace">, { environment }: Io, store: Store): Promise<Workspace> {
  const remembered = await store.setting(WORKSPACE_SETTING);
  const dir = workspace ?? (typeof remembered === "string" ? remembered : ".");
  return (await openWorkspace(dir, { environment })).workspace;
}
