import { join } from "node:path";
import { expect, test } from "vitest";
import type { Change } from "../../domain/entities/change.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { type Instant, MINUTE } from "../../domain/values/time.ts";
import { readCustomers } from "../../intake/import-customers.ts";
import { openSignals, readSignalLines } from "../../intake/read-signals.ts";
import type { FutureSignal, PlayedDelivery } from "../../rehearsal/future.ts";
import { channelsOf } from "../../runtime/load-channels.ts";
import { actionTools } from "../../runtime/load-tools.ts";
import { tools } from "../../tools/index.ts";
import { loadWorkspace, type Workspace } from "../../workspace/load.ts";
import { playFuture } from "./play-future.ts";
import type { PlayStart } from "./play-start.ts";
import { playStream } from "./play-stream.ts";
import { Population } from "./population.ts";

const ALL = new Map(tools.map((tool) => [tool.name, tool]));

test.each(["dealership", "insurer", "telecom"])("%s, played on from the middle with what then came, is decided as in one", async (name) => {
  const workspace = open(name);
  const whole = await played(workspace, Number.POSITIVE_INFINITY);
  const at = whole.signals[Math.floor(whole.signals.length / 2)]?.time ?? 0;
  const first = await played(workspace, at);
  // A thread gets it as plain data.
  const start = structuredClone(first.population.start(at));
  const later = whole.signals.filter(({ time }) => time > at);
  const rest = await playedOn(start, workspace.policy, later, whole.clock);
  expect(decisionsIn([...first.changes, ...rest.changes])).toEqual(decisionsIn(whole.changes));
  expect(decisionsIn(rest.changes).length).toBeGreaterThan(0);
});

test("under a new policy each customer wakes once in the first hour", async () => {
  const workspace = open("telecom");
  const { population, clock } = await played(workspace, Number.POSITIVE_INFINITY);
  const start = population.start(clock);
  const ends = clock + 59 * MINUTE;
  const timersIn = async (isNewPolicy: boolean) => (await playedOn(start, workspace.policy, [], ends, isNewPolicy)).timers;
  expect((await timersIn(true)) - (await timersIn(false))).toBe(start.customers.length);
});

// --- internal ---

const open = (name: string): Workspace =>
  loadWorkspace(join(import.meta.dirname, "../../examples", name), { environment: {}, channels: channelsOf(), tools: actionTools });

const decisionsIn = (changes: readonly Change[]) => changes.flatMap((change) => (change.type === "decided" ? [change] : []));

/** The recorded stream up to a time, and all its signals in the order in which they came. */
async function played({ policy, signalsFile = "", customersFile = "" }: Workspace, until: Instant) {
  const population = new Population(policy);
  const [changes, signals]: [Change[], FutureSignal[]] = [[], []];
  const { clock } = await playStream(readSignalLines(openSignals(signalsFile, process.stdin)), {
    population,
    tools: ALL,
    customers: readCustomers(customersFile).lines,
    ...(Number.isFinite(until) ? { until } : {}),
    onDecision: () => {},
    onPlayed: ({ run: { wake }, committed }) => {
      changes.push(...committed.flatMap((one) => one.changes));
      if (wake.kind === "signal") signals.push(wake.signal);
    },
  });
  return { population, changes, signals, clock };
}

async function playedOn(start: PlayStart, policy: Policy, later: readonly FutureSignal[], until: Instant, isNewPolicy = false) {
  const [changes, made]: [Change[], PlayedDelivery[]] = [[], []];
  const answersTo = (delivery: PlayedDelivery): FutureSignal[] => {
    made.push(delivery);
    return [];
  };
  const options = {
    tools: ALL,
    until,
    isNewPolicy,
    onCommitted: (one: { readonly changes: readonly Change[] }) => void changes.push(...one.changes),
  };
  const { timers } = await playFuture(start, policy, { days: () => [later], answersTo }, options);
  return { changes, made, timers };
}
