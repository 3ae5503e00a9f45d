import { readConfig } from "../config/config.ts";
import { SentientError } from "../domain/errors.ts";
import { modelOf } from "../runtime/connect-model.ts";
import { existsStore } from "../runtime/open-store.ts";
import { type OpenWorkspace, openWorkspace } from "../runtime/open-workspace.ts";
import { type LookedUpIn, type OpenedStore, openStoreAlone } from "../runtime/opened-store.ts";
import type { OnStore } from "./command.ts";
import type { Io } from "./io.ts";

/** The default location of the store. */
export const DEFAULT_DATA = ".sentient";

/** Opens the store that a command reads, and always closes it. */
export async function withStore<T>(
  { data }: Pick<OnStore, "data">,
  { environment, now, warn }: Io,
  work: (store: OpenedStore) => Promise<T>,
): Promise<T> {
  const { databaseUrl } = readConfig(environment);
  const isServer = databaseUrl !== undefined && data === undefined;
  const dataDir = data ?? DEFAULT_DATA;
  if (!isServer && !existsStore(dataDir)) {
    throw new SentientError("NOT_FOUND", `no store in ${dataDir}; make one with: npx sentient run WORKSPACE --data ${dataDir}`);
  }
  const store = await openStoreAlone(isServer ? { databaseUrl, now } : { dataDir, now, onWarning: warn });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** The workspace of a store: `--workspace`, or the one it was filled under, or the current folder. */
export async function workspaceOfStore(
  { workspace }: Pick<OnStore, "workspace">,
  io: Io,
  store: OpenedStore,
): Promise<LookedUpIn & { readonly dir: string }> {
  return lookedUpIn(await openWorkspace(workspace ?? (await store.workspaceDir()) ?? ".", io), io);
}

/** A workspace as look-ups read it, with its language model. */
export function lookedUpIn({ workspace, tools }: OpenWorkspace, { environment, note }: Io): LookedUpIn & { readonly dir: string } {
  const { policy, dir, settings } = workspace;
  return { policy, dir, tools, model: modelOf(settings.model, readConfig(environment).model, note) };
}
