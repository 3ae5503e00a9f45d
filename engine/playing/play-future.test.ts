import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Change } from "../../domain/entities/change.ts";
import type { Customer, DeliveryNote } from "../../domain/entities/customer.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { VERSION_TIMER } from "../../domain/entities/wake.ts";
import { type Instant, MINUTE } from "../../domain/values/time.ts";
import { readCustomers } from "../../intake/import-customers.ts";
import { openSignals, readSignalLines } from "../../intake/read-signals.ts";
import type { FutureSignal, PlayedDelivery } from "../../rehearsal/future.ts";
import { channelsOf } from "../../runtime/load-channels.ts";
import { actionTools } from "../../runtime/load-tools.ts";
import { tools } from "../../tools/index.ts";
import { loadWorkspace, type Workspace } from "../../workspace/load.ts";
import { comingUnder } from "./coming-under.ts";
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

describe("under a new policy", () => {
  const { policy } = open("telecom");
  const other = (changed: Partial<Policy>): Policy => ({ ...policy, version: "other", ...changed });
  const standing = async (): Promise<PlayStart> => {
    const { population, clock } = await played(open("telecom"), Number.POSITIVE_INFINITY);
    return population.start(clock);
  };
  const wokenBy = (start: PlayStart, next: Policy): string[] =>
    comingUnder(start, next, policy).customers.flatMap(({ customerId, timers }) => (timers[VERSION_TIMER] ? [customerId] : []));

  test("those whom it concerns wake in the first hour, as a publication wakes them, and nobody else", async () => {
    const start = await standing();
    const everybody = start.customers.map(({ customerId }) => customerId);
    const own = (of: (customer: Customer) => boolean): string[] => start.customers.filter(of).map(({ customerId }) => customerId);
    expect(wokenBy(start, policy)).toEqual([]);
    expect(wokenBy(start, other({}))).toEqual(own(({ timers }) => policy.listens("clock.daily") && !timers["clock.daily"]));
    expect(wokenBy(start, other({ listens: () => true }))).toEqual(own(({ timers }) => !timers["clock.daily"]));
    expect(wokenBy(start, other({ stages: [{ name: "new" }] as unknown as Policy["stages"] }))).toEqual(everybody);
    const [type = ""] = Object.keys(start.customers[0]?.seen ?? {});
    const quiet = { ...policy.moments[0], name: "quiet", absent: { signal: type, for: 5 } } as Policy["moments"][number];
    expect(wokenBy(start, other({ moments: [...policy.moments, quiet] }))).toEqual(own(({ seen }) => type in seen));
    expect(wokenBy(start, other({ moments: [] }))).toEqual(own(({ moments }) => moments.some(({ name }) => name !== "fact_corrected")));
    expect(wokenBy(start, other({ experiences: [] }))).toEqual(
      own(
        ({ standing: stands, deliveries, approvals }) =>
          stands?.experienceId !== undefined || deliveries.some(isReserved) || approvals.length > 0,
      ),
    );
  });

  test("they wake once", async () => {
    const start = await standing();
    const next = other({ stages: [{ name: "new" }] as unknown as Policy["stages"] });
    const timersOf = async (from: PlayStart) => (await playedOn(from, policy, [], start.at + 59 * MINUTE)).timers;
    expect((await timersOf(comingUnder(start, next, policy))) - (await timersOf(start))).toBe(start.customers.length);
  });
});

// --- internal ---

const isReserved = ({ status }: DeliveryNote): boolean => status === "reserved";

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

async function playedOn(start: PlayStart, policy: Policy, later: readonly FutureSignal[], until: Instant) {
  const [changes, made]: [Change[], PlayedDelivery[]] = [[], []];
  const answersTo = (delivery: PlayedDelivery): FutureSignal[] => {
    made.push(delivery);
    return [];
  };
  const options = {
    tools: ALL,
    until,
    onCommitted: (one: { readonly changes: readonly Change[] }) => void changes.push(...one.changes),
  };
  const { timers } = await playFuture(start, policy, { days: () => [later], answersTo }, options);
  return { changes, made, timers };
}
