import { readConfig } from "../config/config.ts";
import { SentientError } from "../domain/errors.ts";
import { modelOf } from "../runtime/connect-model.ts";
import { embeddingsFor } from "../runtime/embeddings/connect-embeddings.ts";
import { existsStore } from "../runtime/open-store.ts";
import { compilingWith, type OpenWorkspace, openVersion, openWorkspace } from "../runtime/open-workspace.ts";
import { type LookedUpIn, type OpenedStore, openStoreAlone } from "../runtime/opened-store.ts";
import type { OnStore } from "./command.ts";
import type { Io } from "./io.ts";

/** The default location of the store. */
export const DEFAULT_DATA = ".sentient";

/** Opens the store that a command reads, and always closes it. */
export async function withStore<T>(
  { data }: Pick<OnStore, "data">,
  { environment, now, note, warn }: Io,
  work: (store: OpenedStore) => Promise<T>,
): Promise<T> {
  const { databaseUrl } = readConfig(environment);
  const isServer = databaseUrl !== undefined && data === undefined;
  const dataDir = data ?? DEFAULT_DATA;
  if (!isServer && !existsStore(dataDir)) {
    throw new SentientError("NOT_FOUND", `no store in ${dataDir}; make one with: npx sentient run WORKSPACE --data ${dataDir}`);
  }
  const store = await openStoreAlone({ ...(isServer ? { databaseUrl } : { dataDir, onWarning: warn }), now, onUpgrade: note });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** A workspace as look-ups read it, and as a runtime is opened with it. */
export interface WorkspaceOfStore extends LookedUpIn {
  readonly opened: OpenWorkspace;
}

/**
 * The workspace of a store: its version in force; without one `--workspace`, or the folder that it was filled under, or the current folder. A
 * version with code takes it from that folder.
 */
export async function workspaceOfStore({ workspace }: Pick<OnStore, "workspace">, io: Io, store: OpenedStore): Promise<WorkspaceOfStore> {
  const dir = workspace ?? (await store.workspaceDir()) ?? ".";
  const inForce = await store.version();
  return lookedUpIn(inForce ? await openVersion(inForce, dir, io) : await openWorkspace(dir, io), io);
}

/** A workspace as look-ups read it, with its language model. */
export function lookedUpIn(opened: OpenWorkspace, { environment, note }: Io): WorkspaceOfStore {
  const { workspace, ...code } = opened;
  const { policy, settings } = workspace;
  return {
    opened,
    policy,
    tools: code.tools,
    compile: compilingWith(code, { environment }),
    model: modelOf(settings.model, readConfig(environment).model, note),
    embeddings: embeddingsFor(settings.embeddings, readConfig(environment).model, note),
  };
}
