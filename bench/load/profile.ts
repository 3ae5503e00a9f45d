import { fork } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { READS_TYPESCRIPT } from "../../testing/process.ts";
import { engines } from "../../testing/service.ts";
import { writeBoughtWorkspace } from "./bought-workspace.ts";
import { flameGraph } from "./flame.ts";
import { Load, openSink, quantile } from "./load.ts";
import type { Profiled } from "./profiled-process.ts";

const CUSTOMERS = 10_000;
const WINDOW_MS = 10_000;
const ROOT = join(import.meta.dirname, "..", "..");

/** CPU profile of the service under load: by package and folder, by function, by statement; and where signals wait. */
export async function benchProfile() {
  const tables: { readonly title: string; readonly rows: readonly (readonly string[])[] }[] = [];
  for (const engine of engines.filter(({ name }) => name !== "PostgreSQL")) {
    const place = await engine.place();
    try {
      tables.push(...(await profile(engine.name, { DATABASE_URL: place.databaseUrl, REDIS_URL: place.redisUrl })));
    } finally {
      await place.remove();
    }
  }
  return tables;
}

// --- internal ---

async function profile(name: string, environment: Readonly<Record<string, string | undefined>>) {
  const sink = await openSink();
  const dir = writeBoughtWorkspace(sink.url, CUSTOMERS);
  const child = fork(join(import.meta.dirname, "profiled-process.ts"), [dir], {
    execArgv: [...READS_TYPESCRIPT],
    env: { ...process.env, DATABASE_URL: undefined, REDIS_URL: undefined, ...environment },
    serialization: "advanced",
  });
  const received = <T>(word: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const onMessage = (message: { word: string; answer: T }): void => {
        if (message.word !== word) return;
        child.off("message", onMessage);
        resolve(message.answer);
      };
      child.on("message", onMessage);
      child.once("exit", (code) => reject(new Error(`the profiled process ended with ${code}`)));
    });
  const ask = <T>(word: string): Promise<T> => {
    const answer = received<T>(word);
    child.send(word);
    return answer;
  };
  try {
    const load = new Load({ url: await received<string>("listening"), sink, customers: CUSTOMERS });
    await load.closedLoop(WINDOW_MS / 2);
    await ask("begin");
    const rate = await load.closedLoop(WINDOW_MS);
    const full = await ask<Profiled>("end");
    await load.settled();
    await ask("begin");
    await load.openLoop(rate / 2, WINDOW_MS);
    const half = await ask<Profiled>("end");
    load.close();
    const decisions = (rate * WINDOW_MS) / 1000;
    const picture = full.file.replace(/\.cpuprofile$/, ".svg");
    const title = `${name}, the whole service in one process, ${rate.toFixed(0)} decisions a second with the profiler on`;
    writeFileSync(picture, flameGraph(full.profile, { title, placeOf }));
    process.stdout.write(`${name}: ${full.file}, as a picture ${picture}\n`);
    return [
      {
        title: `${name}: ${rate.toFixed(0)} decisions/s with the profiler on; processor time of the process by place`,
        rows: places(full, decisions),
      },
      { title: `${name}: by function, itself`, rows: functions(full, decisions) },
      { title: `${name}: statements`, rows: statements(full, decisions) },
      { title: `${name}: where signals wait, at half of the rate`, rows: stages(half) },
    ];
  } finally {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.connected) child.send("stop");
    await ended;
    await sink.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

type Node = Profiled["profile"]["nodes"][number];

/** Self time of each function, in milliseconds. */
function selfTimes({ profile: { nodes, samples = [], timeDeltas = [] } }: Profiled): Map<Node, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const times = new Map<Node, number>();
  for (const [index, id] of samples.entries()) {
    const node = byId.get(id);
    if (node && node.callFrame.functionName !== "(idle)") times.set(node, (times.get(node) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
  }
  return times;
}

function placeOf({ callFrame: { url, functionName } }: Node): string {
  if (url === "") return functionName.startsWith("(") ? functionName : "built in";
  if (url.startsWith("wasm:")) return "PostgreSQL in WebAssembly";
  if (url.startsWith("node:")) return "node";
  const path = url.replace(/^file:\/\//, "");
  const inside = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  return inside ?? relative(ROOT, path).split("/")[0] ?? "";
}

const added = (entries: Iterable<readonly [string, number]>): [string, number][] => {
  const totals = new Map<string, number>();
  for (const [key, ms] of entries) totals.set(key, (totals.get(key) ?? 0) + ms);
  return [...totals].sort(([, a], [, b]) => b - a);
};

function shareRows(head: string, totals: readonly [string, number][], decisions: number, most: number): string[][] {
  const all = totals.reduce((sum, [, ms]) => sum + ms, 0);
  const rows = totals.slice(0, most).map(([key, ms]) => [key, `${((ms / all) * 100).toFixed(1)} %`, (ms / decisions).toFixed(3)]);
  return [[head, "share", "s / 1000"], ...rows, ["all", "100 %", (all / decisions).toFixed(3)]];
}

const places = (seen: Profiled, decisions: number): string[][] =>
  shareRows("place", added([...selfTimes(seen)].map(([node, ms]) => [placeOf(node), ms] as const)), decisions, 30);

const functions = (seen: Profiled, decisions: number): string[][] =>
  shareRows(
    "function",
    added([...selfTimes(seen)].map(([node, ms]) => [`${node.callFrame.functionName || "(anonymous)"} of ${placeOf(node)}`, ms] as const)),
    decisions,
    35,
  );

function statements({ statements: seen }: Profiled, decisions: number): string[][] {
  const rows = [...seen]
    .sort((a, b) => b.ms - a.ms)
    .slice(0, 40)
    .map(({ text, count, ms }) => [
      text.replaceAll(/\s+/g, " ").trim().slice(0, 90),
      ((count / decisions) * 1000).toFixed(1),
      (ms / count).toFixed(2),
      (ms / decisions).toFixed(3),
    ]);
  return [["statement", "runs / 1000", "ms each", "s / 1000"], ...rows];
}

const stages = ({ stages: seen }: Profiled): string[][] => [
  ["", "p50", "p95"],
  ...Object.entries(seen).map(([name, times]) => [name, `${quantile(times, 0.5).toFixed(0)} ms`, `${quantile(times, 0.95).toFixed(0)} ms`]),
];
