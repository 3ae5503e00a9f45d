import { readConfig } from "../config/config.ts";
import type { Decision } from "../domain/entities/decision.ts";
import type { Profile } from "../domain/record/profile.ts";
import { storeTime } from "../operations/deps.ts";
import { customerProfile } from "../operations/profile.ts";
import type { Store } from "../runtime/open-store.ts";
import type { Common, OnStore } from "./command.ts";
import type { Io } from "./io.ts";
import { type ServerClient, serverThatOwns } from "./server-client.ts";
import { DEFAULT_DATA, withStore, workspaceOfStore } from "./with-store.ts";

type Read = Store["read"];

/** What commands look up, in a store that they open or with the server that owns it. */
export interface LookUps extends Pick<Read, "decisions" | "decision" | "runs" | "run"> {
  customer(customerId: string): Promise<Profile>;
}

/** Arguments of a command that looks something up. */
export interface LookUp extends OnStore, Pick<Common, "json"> {}

/** Looks things up where they are: with the running server that owns the data folder, or in the store itself. */
export function withLookUps<T>(args: OnStore, io: Io, work: (look: LookUps) => Promise<T>): Promise<T> {
  const server = ownerOf(args, io);
  return server ? work(remote(server)) : withStore(args, io, (store) => work(local(store, args, io)));
}

/** The server that owns the data folder which a command is about; undefined where the store is on a database server, or nobody's. */
export function ownerOf({ data }: Pick<OnStore, "data">, io: Pick<Io, "environment">): ServerClient | undefined {
  const isOnServer = data === undefined && readConfig(io.environment).databaseUrl !== undefined;
  return isOnServer ? undefined : serverThatOwns(data ?? DEFAULT_DATA, io);
}

// --- internal ---

function local(store: Store, args: OnStore, io: Io): LookUps {
  const { decisions, decision, runs, run } = store.read;
  return {
    ...{ decisions, decision, runs, run },
    async customer(customerId) {
      const { policy } = await workspaceOfStore(args, io, store);
      const { at } = await storeTime({ store, now: io.now });
      return customerProfile(customerId, { store, policy }, at);
    },
  };
}

/** More a server does not give at once. */
const MOST_AT_ONCE = 1_000;

function remote({ get }: ServerClient): LookUps {
  const page = ({ customerId, limit }: Parameters<Read["runs"]>[0]): string =>
    String(new URLSearchParams({ limit: String(Math.min(limit, MOST_AT_ONCE)), ...(customerId === undefined ? {} : { customerId }) }));
  const named = (id: string): string => encodeURIComponent(id);
  return {
    decisions: async (wanted) => (await get<{ decisions: Decision[] }>(`/v1/decisions?${page(wanted)}`)).decisions,
    decision: (id) => get(`/v1/decisions/${named(id)}`),
    runs: async (wanted) => (await get<{ runs: Awaited<ReturnType<Read["runs"]>> }>(`/v1/runs?${page(wanted)}`)).runs,
    run: (id) => get(`/v1/runs/${named(id)}`),
    customer: (id) => get(`/v1/customers/${named(id)}`),
  };
}
