import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { seededRandom } from "../../domain/values/random.ts";
import { WRITE_KEY } from "../load/keys.ts";
import { withIsolatedService } from "./isolated-service.ts";
import { noneOf, type Round } from "./promise.ts";
import { startProvider } from "./provider.ts";
import type { OwnServers } from "./servers.ts";
import { waitUntilSettled } from "./waiting.ts";
import { hookTo } from "./workspace.ts";

export interface RepeatsOptions {
  readonly servers: OwnServers;
  readonly seed: string;
  readonly signals: number;
}

/** Sends each signal five times, in random order over four connections, and some once more with another body. */
export async function repeats({ servers, seed, signals }: RepeatsOptions): Promise<Round> {
  const random = seededRandom(`repeats ${seed}`);
  const provider = await startProvider(() => ({ behaviour: "takes", afterMs: random() * 20 }));
  const settings = `channels: {hook: ${hookTo(provider.url)}}\nmoments: {m: {on: go, expires: 1d}}\n`;
  const experiences = { e: "serves: [m]\nchannels: {hook: {payload: {text: Hello}}}" };
  try {
    return await withIsolatedService(
      { servers, name: "repeats", settings, experiences, workers: ["worker a", "worker b"] },
      async (stage) => {
        const { recorded, processes } = stage;
        const copies = Array.from({ length: signals * COPIES }, (_, n) => ({ id: `s-${n % signals}`, place: random() }))
          .sort((a, b) => a.place - b.place)
          .map(({ id }) => bodyOf(id));
        const answers = await sendAll(processes.url, copies);
        const others = await sendAll(
          processes.url,
          Array.from({ length: OTHERS }, (_, n) => bodyOf(`s-${n}`, { other: "body" })),
        );
        const { open } = await waitUntilSettled(recorded, processes, 120_000);
        const sum = (key: "accepted" | "duplicates"): number => answers.reduce((total, one) => total + (one[key] ?? 0), 0);
        const twice = [...provider.sends].filter(([, { attempts }]) => attempts > 1).map(([id]) => id);
        const runs = await recorded.texts(
          "select s.id, count(r.run_id) from signals s left join runs r on r.wake->>'signalId' = s.id group by 1 having count(r.run_id) <> 1",
        );
        const kept = await recorded.count("select count(*) from signals where event->'data' = '{}'::jsonb");
        const conflicts = others.filter(({ rejected = [] }) => rejected.some(({ error }) => error.includes("another body"))).length;
        return {
          name: "repeats",
          faults: 0,
          counts: [
            ["requests", String(copies.length + others.length), "over 4 connections"],
            ["accepted, duplicates, conflicts", `${sum("accepted")}, ${sum("duplicates")}, ${conflicts}`],
            ["messages sent", String(provider.sends.size)],
          ],
          promises: [
            { promise: "everything is settled", held: open === 0, detail: `${open} open` },
            {
              promise: "of five copies one is accepted, and the others are duplicates",
              held: sum("accepted") === signals && sum("duplicates") === signals * (COPIES - 1),
              detail: `${sum("accepted")} accepted, ${sum("duplicates")} duplicates`,
            },
            {
              promise: "another body under the same id is a conflict, and the first is kept",
              held: conflicts === OTHERS && kept === signals,
              detail: `${conflicts} conflicts`,
            },
            noneOf("each signal is decided once", runs, `${signals} runs`),
            {
              promise: "each message is sent once",
              held: twice.length === 0 && provider.sends.size === signals,
              detail: `${provider.sends.size} messages`,
            },
          ],
        };
      },
    );
  } finally {
    await provider.close();
  }
}

// --- internal ---

const COPIES = 5;
const OTHERS = 50;
const CONNECTIONS = 4;

const bodyOf = (id: string, data: object = {}): string =>
  JSON.stringify({ specversion: "1.0", source: "faults", type: "go", id, subject: `c-${id}`, data });

interface Answer {
  readonly accepted?: number;
  readonly duplicates?: number;
  readonly rejected?: readonly { readonly error: string }[];
}

/** Each connection sends the next body as soon as its last request is answered. */
async function sendAll(url: string, bodies: readonly string[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      while (next < bodies.length) answers.push(await post(`${url}/v1/signals`, bodies[next++] ?? "", agent));
      agent.destroy();
    }),
  );
  return answers;
}

function post(url: string, body: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${WRITE_KEY}`, "content-type": "application/cloudevents+json" };
    const sent = request(url, { method: "POST", agent, headers }, (response) => {
      text(response).then((answer) => resolve(JSON.parse(answer) as Answer), reject);
    });
    sent.once("error", reject).end(body);
  });
}
