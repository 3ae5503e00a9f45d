import type { Decision } from "../../domain/entities/decision.ts";
import { type SignalIdentity, signalKey } from "../../domain/entities/signal.ts";
import type { Json } from "../../domain/values/json.ts";
import type { ImportStore } from "../../intake/import-customers.ts";
import type { CustomerCommit } from "../../store/store.ts";
import type { StreamStore } from "../run-stream.ts";
import type { Population } from "./population.ts";

/** A population as a stream and an import need it: what the store of a workspace is to them. */
export interface MemoryStore extends Omit<StreamStore, "customers">, Omit<ImportStore, "customers"> {
  readonly customers: StreamStore["customers"] & ImportStore["customers"];
  /** Keeps the signal of a wake that was decided, and its decisions until they are read. */
  note(signal: CustomerCommit["signal"], decisions: readonly Decision[]): void;
}

/** Nobody was erased from it, and nothing was ever begun in it and not finished. */
export function createMemoryStore(population: Population): MemoryStore {
  const settings = new Map<string, Json>();
  const imported = new Map<string, string>();
  const known = new Map<string, string>();
  let made: Decision[] = [];
  let place = 0;
  return {
    customers: {
      load: async (ids, _policy, now) => found(ids, (id) => population.load(id, now)),
      loadUnmerged: async (ids, _policy, now) => found(ids, (id) => population.loadUnmerged(id, now)),
      records: async (ids) => found(ids, (id) => population.loadUnmerged(id, 0)),
      byIdentity: async (claims) => population.addresses.resolve(claims),
      importHashes: async (ids) => found(ids, (id) => imported.get(id)),
    },
    signals: {
      known: async (keys: readonly SignalIdentity[]) => found(keys.map(signalKey), (key) => known.get(key)),
      lastSeq: async () => population.lastSeq,
    },
    // A play decides every wake, in the order of its time.
    timers: { due: async (until, inclusive, limit) => population.due(until, inclusive, limit), quietResponseEnds: async () => [] },
    links: { roots: async (ids) => new Map([...population.roots].filter(([id]) => ids?.includes(id) ?? true)) },
    deliveries: { open: async () => [] },
    read: {
      lastDecision: async () => place,
      async decisionsAfter() {
        const decisions = made;
        made = [];
        return { decisions, last: place };
      },
    },
    canaries: population.canaries,
    people: { erased: async () => [] },
    setting: async (name) => settings.get(name),
    async commit(commits, given = {}) {
      for (const one of commits) {
        population.commit(one, one.imported?.at ?? 0);
        if (one.importHash !== undefined) imported.set(one.before.customerId, one.importHash);
      }
      for (const [name, value] of Object.entries(given)) settings.set(name, value);
      return { committed: new Set(commits.flatMap(({ before, along }) => [before, along?.before].map((one) => one?.customerId ?? ""))) };
    },
    note(signal, decisions) {
      if (signal) {
        known.set(signalKey(signal), signal.bodyHash);
        population.lastSeq = Math.max(population.lastSeq, signal.seq);
      }
      made.push(...decisions);
      place += decisions.length;
    },
  };
}

// --- internal ---

function found<T>(keys: readonly string[], of: (key: string) => T | undefined): Map<string, T> {
  const entries = keys.flatMap((key): [string, T][] => {
    const value = of(key);
    return value === undefined ? [] : [[key, value]];
  });
  return new Map(entries);
}
