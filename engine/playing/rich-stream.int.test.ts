import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { receiptsFor, type SignalJson, writeKillsWorkspace } from "../../bench/kills-workspace.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import { readSignal } from "../../domain/entities/signal.ts";
import { customerOf } from "../../domain/entities/wake.ts";
import { HOUR } from "../../domain/values/time.ts";
import { importCustomers, readCustomers } from "../../intake/import-customers.ts";
import { signalLine } from "../../intake/read-signals.ts";
import { createRuntime } from "../../runtime/create-runtime.ts";
import { channelsOf } from "../../runtime/load-channels.ts";
import { actionTools } from "../../runtime/load-tools.ts";
import { at } from "../../testing/builders.ts";
import { tools } from "../../tools/index.ts";
import { loadWorkspace, type Workspace } from "../../workspace/load.ts";
import { runStream } from "../run-stream.ts";
import { playStream } from "./play-stream.ts";
import { Population } from "./population.ts";

const dir = mkdtempSync(join(tmpdir(), "sentient-rich-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test("actions that fail, limits in total, late and repeated signals, merges, shared addresses and opt-outs: the same decisions", async () => {
  const from = at("2026-03-02T14:00:00Z");
  const own = writeKillsWorkspace(dir, { seed: "play", customers: 24, signals: 160, from });
  const workspace = loadWorkspace(dir, { environment: {}, channels: channelsOf(), tools: actionTools });
  const signals = own.flatMap((signal, n) => [
    signal,
    ...(MORE.get(n)?.map((more, place) => ({ ...more, id: `more-${n}-${place}`, time: signal.time })) ?? []),
  ]);
  const first = await inMemory(workspace, signals);
  const last = Math.max(...signals.map(({ time }) => Date.parse(time)));
  const all = [...signals, ...receiptsFor(first.deliveries, last + HOUR, "play")];
  const [kept, played] = [await onAStore(workspace, all), await inMemory(workspace, all)];
  expect(played.decisions).toEqual(kept.decisions);
  expect(played.result).toEqual(kept.result);
  const actions = new Set(played.decisions.map(({ action }) => action));
  expect([...actions].sort()).toEqual(["await_approval", "defer", "deliver", "silence", "withhold"]);
});

// --- internal ---

type More = Omit<SignalJson, "id" | "time">;

const said = (source: string, type: string, subject: string, data: SignalJson["data"]): More => ({
  ...{ specversion: "1.0", source, type, subject, data },
});

/** What comes after some of the signals. */
const MORE: ReadonlyMap<number, readonly More[]> = new Map([
  [20, [said("crm", "customer.updated", "c-1", { traits: { email: "c2@example.org" } })]],
  [30, [said("web", "customer.consent", "c-2", { channel: "email", status: "revoked", email: "c2@example.org" })]],
  [45, [said("crm", "customer.merged", "c-3", { into: "c-4" })]],
  [60, [said("crm", "customer.updated", "c-3", { traits: { credit: 750 } })]],
  [70, [said("crm", "customer.merged", "c-4", { into: "c-5" }), said("crm", "customer.merged", "c-4", { into: "c-3" })]],
  [90, [said("web", "customer.consent", "c-9", { channel: "sms", status: "revoked", address: "+15550000008" })]],
  [110, [said("web", "customer.updated", "c-10", { identities: [{ type: "phone", value: "+15550000008" }], traits: {} })]],
]);

async function* linesOf(signals: readonly SignalJson[]) {
  for (const [index, signal] of signals.entries()) yield signalLine(index + 1, readSignal(JSON.stringify(signal)));
}

async function onAStore(workspace: Workspace, signals: readonly SignalJson[]) {
  const { policy, customersFile = "" } = workspace;
  await using runtime = await createRuntime({ policy, live: false, now: Date.now });
  const decisions: Decision[] = [];
  const result = await runStream(linesOf(signals), {
    ...runtime,
    onDecision: (decision) => void decisions.push(decision),
    beforeFirst: async (first) => void (await importCustomers(readCustomers(customersFile).lines, first, runtime.store, policy)),
  });
  return { decisions, result };
}

async function inMemory({ policy, customersFile = "" }: Workspace, signals: readonly SignalJson[]) {
  const decisions: Decision[] = [];
  const deliveries: { deliveryId: string; customerId: string }[] = [];
  const result = await playStream(linesOf(signals), {
    ...{ population: new Population(policy), tools: new Map(tools.map((tool) => [tool.name, tool])) },
    customers: readCustomers(customersFile).lines,
    onDecision: (decision) => void decisions.push(decision),
    onPlayed: ({ run: { wake }, committed }) => {
      for (const change of committed.flatMap(({ changes }) => changes))
        if (change.type === "decided" && change.delivery)
          deliveries.push({ deliveryId: change.delivery.deliveryId, customerId: customerOf(wake) });
    },
  });
  return { decisions, result, deliveries };
}
