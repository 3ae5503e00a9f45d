import { setTimeout as pause } from "node:timers/promises";
import { type Random, seededRandom } from "../../domain/values/random.ts";
import { withIsolatedService } from "./isolated-service.ts";
import { Load } from "./load.ts";
import { noneOf, type Round } from "./promise.ts";
import { BEHAVIOURS, type Behaviour, type ReceivedSend, startProvider } from "./provider.ts";
import type { Recorded } from "./record.ts";
import type { OwnServers } from "./servers.ts";
import { waitUntilSettled } from "./waiting.ts";
import { hookTo } from "./workspace.ts";

export interface MisbehaviourOptions {
  readonly servers: OwnServers;
  readonly seed: string;
  /** Deliveries to a provider with mixed behaviour. */
  readonly mixed: number;
  /** Deliveries to a provider that never answers. */
  readonly hanging: number;
  /** Deliveries to a working provider, decided after those. */
  readonly good: number;
}

/** Deliveries to providers that hang, fail after accepting, close the connection, answer garbage or without end, or send an absurd Retry-After. */
export async function misbehaviour({ servers, seed, mixed, hanging, good }: MisbehaviourOptions): Promise<Round> {
  const random = seededRandom(`misbehaviour ${seed}`);
  const provider = await startProvider((path) => ({ behaviour: behaviourOn(path, random), afterMs: 0 }));
  const channels = ["mixed", "stuck", "good"].map((name) => `  ${name}: ${hookTo(`${provider.url}${name}`)}`).join("\n");
  const moments = ["mixed", "stuck", "good"].map((name) => `  ${name}: {on: go.${name}, expires: 1d}`).join("\n");
  const experiences = Object.fromEntries(
    ["mixed", "stuck", "good"].map((name) => [name, `serves: [${name}]\nchannels: {${name}: {payload: {text: Hello}}}`]),
  );
  const stage = {
    servers,
    name: "misbehaviour",
    settings: `channels:\n${channels}\nmoments:\n${moments}\n`,
    experiences,
    workers: ["worker a"],
  };
  try {
    return await withIsolatedService(stage, async ({ recorded, processes }) => {
      const send = async (type: string, count: number): Promise<Load> => {
        const signals = Array.from({ length: count }, (_, n) => ({ id: `${type}-${n}`, type: `go.${type}`, subject: `${type}-${n}` }));
        const load = new Load(signals, () => processes.url);
        load.release(1);
        await load.run(() => false);
        return load;
      };
      await send("mixed", mixed);
      await send("stuck", hanging);
      // The working provider comes last, so its deliveries queue behind all others.
      while (![...provider.sends.values()].some(({ path }) => path === "/stuck")) await pause(50);
      await send("good", good);
      const { open, ms, stalls } = await waitUntilSettled(recorded, processes, END_MS);
      const rows = await recorded.rows<Row>(ROWS);
      return {
        name: "misbehaviour",
        faults: [...provider.sends.values()].filter(({ behaviour }) => behaviour !== "takes").length,
        counts: [...countsOf(rows, provider.sends), ["everything settled", `after ${(ms / 1000).toFixed(0)} s`, `${stalls} standstills`]],
        promises: [
          { promise: "everything is settled", held: open === 0, detail: `${open} open` },
          ...(await promisesOf(rows, provider.sends, recorded, mixed + hanging + good)),
        ],
      };
    });
  } finally {
    await provider.close();
  }
}

// --- internal ---

/** The hanging provider's connections may be exhausted several times over. */
const END_MS = 180_000;

const WEIGHTS: Readonly<Record<Behaviour, number>> = {
  ...{ hangs: 10, takes_then_fails: 20, closes: 20, garbage: 15, too_many: 15, endless: 5, takes: 10, refuses: 5 },
};

function behaviourOn(path: string, random: Random): Behaviour {
  if (path === "/good") return "takes";
  if (path === "/stuck") return "hangs";
  let place = random() * Object.values(WEIGHTS).reduce((sum, weight) => sum + weight, 0);
  for (const behaviour of BEHAVIOURS) {
    place -= WEIGHTS[behaviour];
    if (place < 0) return behaviour;
  }
  return "takes";
}

interface Row {
  readonly id: string;
  readonly channel: string;
  readonly status: string;
  readonly reason: string | null;
  readonly attempts: number;
  readonly settled: number;
}

const ROWS =
  "select delivery_id as id, channel, status, reason, attempts, extract(epoch from settled_at)::float8 * 1000 as settled from deliveries";

type Seen = ReadonlyMap<string, ReceivedSend>;

function countsOf(rows: readonly Row[], seen: Seen): string[][] {
  const behaviours = BEHAVIOURS.map((kind) => {
    const ids = new Set([...seen].filter(([, { behaviour }]) => behaviour === kind).map(([id]) => id));
    const statuses = new Map<string, number>();
    for (const { id, status } of rows) if (ids.has(id)) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const accepted = [...ids].reduce((sum, id) => sum + (seen.get(id)?.accepted ?? 0), 0);
    return [kind.replaceAll("_", " "), String(ids.size), String(accepted), [...statuses].map(([status, n]) => `${n} ${status}`).join(", ")];
  });
  return [["the provider", "deliveries", "accepted", "in the record"], ...behaviours];
}

/** The expected status of a delivery, by the behaviour of its provider. */
const EXPECTED: Readonly<Record<Behaviour, string>> = {
  ...{ takes: "sent", refuses: "failed", too_many: "uncertain", hangs: "uncertain", takes_then_fails: "uncertain" },
  ...{ closes: "uncertain", garbage: "uncertain", endless: "uncertain" },
};

async function promisesOf(rows: readonly Row[], seen: Seen, recorded: Recorded, count: number): Promise<Round["promises"]> {
  const twice = [...seen].filter(([, { accepted, attempts }]) => accepted > 1 || attempts > 1).map(([id]) => id);
  const unconfirmed = rows.filter(({ id }) => !seen.has(id)).map(({ id, status, reason }) => `${id} ${status} ${reason}`);
  const wrong = rows.filter(({ id, status }) => status !== EXPECTED[seen.get(id)?.behaviour ?? "takes"]);
  const lastOf = (channel: string): number => Math.max(...rows.filter((one) => one.channel === channel).map(({ settled }) => settled));
  const ahead = Math.round((lastOf("stuck") - lastOf("good")) / 1000);
  const decided = await recorded.count("select count(*) from decisions where action = 'deliver'");
  return [
    { promise: "every signal has its delivery", held: rows.length === count && decided === count, detail: `${rows.length} of ${count}` },
    noneOf("each delivery is sent at most once, and accepted at most once", twice, `${seen.size} sent`),
    noneOf("each delivery reached its provider", unconfirmed, `${seen.size} of ${rows.length}`),
    noneOf(
      "the record states the known outcome: sent, failed, or uncertain",
      wrong.map(({ id, status, reason }) => `${id} is ${status} (${reason}) though its provider ${seen.get(id)?.behaviour}`),
      `${rows.length} as they were`,
    ),
    {
      promise: "a provider that hangs does not delay deliveries to another",
      held: ahead > 0,
      detail: `the other finished ${ahead} s earlier`,
    },
  ];
}
