import type { Canaries } from "../../domain/canary/cohort.ts";
import { unknownInAsk } from "../../domain/entities/ask-names.ts";
import { type ImportLine, importCustomers } from "../../intake/import-customers.ts";
import type { SignalLine } from "../../intake/read-signals.ts";
import type { DueWake } from "../due-wake.ts";
import { type Interlude, type RunStreamOptions, runStream, type StreamResult } from "../run-stream.ts";
import { createMemoryStore, type MemoryStore } from "./memory-store.ts";
import { createPlayer, type PlayedWake, type Player, type PlayerOptions } from "./play-wake.ts";

export interface PlayStreamOptions
  extends PlayerOptions,
    Pick<RunStreamOptions, "until" | "onDecision" | "onProgress" | "isStopped" | "rewrite" | "everyone" | "byPeople"> {
  /** Golden records, imported at the time of the first signal. */
  readonly customers?: readonly ImportLine[];
  /** Called right before a wake is decided, as things stand. */
  readonly beforeWake?: (due: DueWake, canaries: Canaries | undefined) => Promise<void>;
  /** Called for every wake, in order. */
  readonly onPlayed?: (played: PlayedWake) => void;
}

/**
 * Plays a recorded stream in memory: the same signals, timers and decisions as `runStream` on a store, one wake after the other. The population
 * is afterwards as the store would be.
 */
export async function playStream(lines: AsyncIterable<SignalLine | Interlude>, options: PlayStreamOptions): Promise<StreamResult> {
  const { population, customers = [] } = options;
  const { policy } = population;
  const store = createMemoryStore(population);
  return runStream(lines, {
    ...options,
    store,
    decider: memoryDecider(createPlayer(options), store, options),
    batch: 1,
    beforeFirst: async (at) => void (await importCustomers(customers, at, store, policy)),
  });
}

// --- internal ---

function memoryDecider(
  player: Player,
  store: MemoryStore,
  { population: { policy }, beforeWake, onPlayed = () => {} }: PlayStreamOptions,
): RunStreamOptions["decider"] {
  return {
    channels: () => policy.channels,
    policy: () => policy,
    unknownIn: (body) => unknownInAsk(body, policy),
    resume: async () => {},
    async decide(wakes, { canaries, onWritten } = {}) {
      const done: DueWake[] = [];
      for (const due of wakes) {
        await beforeWake?.(due, canaries);
        const played = await player.play(due, canaries);
        if (!played.isWritten) break;
        store.note(due.signal, played.decisions());
        onPlayed(played);
        onWritten?.([played.run]);
        done.push(due);
      }
      return done;
    },
  };
}
