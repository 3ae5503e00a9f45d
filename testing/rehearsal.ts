import type { Change, NewDelivery } from "../domain/entities/change.ts";
import type { Candidate, DecisionDraft, ReasonCode } from "../domain/entities/decision.ts";
import { type Random, seededRandom } from "../domain/values/random.ts";
import { DAY, iso } from "../domain/values/time.ts";
import { forwardOf } from "../rehearsal/results/forward.ts";
import type { RehearsalResult } from "../rehearsal/results/rehearsal-result.ts";
import { type Frame, type PathTally, Tallying } from "../rehearsal/results/tally.ts";
import { NOW } from "./builders.ts";

/** A rehearsal of invented plays, in which `with` has `less` of 100 chances to deliver. */
export function aRehearsal({ days = 30, paths = 20, customers = 40, less = 30, name = "e" } = {}): RehearsalResult {
  const frame: Frame = {
    ...{ from: NOW, days, customers: Array.from({ length: customers }, (_, n) => `c-${n}`) },
    groups: { names: ["lease", "owner"], of: Array.from({ length: customers }, (_, n) => n % 2) },
  };
  const played = Array.from({ length: paths }, (_, path) => ({
    against: play(frame, path, 0, name),
    with: play(frame, path, less / 100, name),
  }));
  const notModelled = ["new customers: nobody is invented", "what a person at a desk does with a task"];
  return {
    ...{
      simulated: true,
      seed: "s",
      days,
      customers,
      paths,
      from: iso(NOW),
      policies: { against: "a".repeat(64), with: "b".repeat(64), differ: {} },
    },
    recorded: {
      ...{ wakes: 120, different: 7 },
      matrix: [
        { against: "deliver", with: "deliver", count: 55, different: 2 },
        { against: "deliver", with: "silence", count: 5, different: 5 },
        { against: "silence", with: "silence", count: 60, different: 0 },
      ],
      against: { deliveries: 60, byExperience: { [name]: 60 }, byChannel: { box: 60 }, byDepartment: { none: 60 }, silences: {} },
      with: {
        deliveries: 55,
        byExperience: { [name]: 55 },
        byChannel: { box: 55 },
        byDepartment: { none: 55 },
        silences: { cap_reached: 5 },
      },
    },
    forward: forwardOf(played, { frame, worthOf: () => 900, notModelled }),
    value: { refused: ["none of its decisions was drawn"] },
  };
}

// --- internal ---

function play(frame: Frame, path: number, less: number, name: string): PathTally {
  const tallying = new Tallying(frame);
  for (const customerId of frame.customers) {
    const random = seededRandom(`${path}\n${customerId}`);
    for (let day = 0; day < frame.days; day++) {
      const wakes = random() < 0.12;
      const change = wakes ? aDecision(`${customerId}-${day}`, less, name, random) : undefined;
      if (change) tallying.note({ customerId, at: frame.from + (day + 0.5) * DAY, changes: [change, ...successOf(change, random)] });
    }
  }
  return tallying.result();
}

function aDecision(id: string, less: number, name: string, random: Random): Change {
  const [luck, kind] = [random(), random()];
  if (luck < less) return decided("silence", "cap_reached", id);
  if (kind < 0.2) return decided("defer", "quiet_hours", id);
  return decided(
    "deliver",
    "eligible",
    id,
    kind < 0.4 ? { experienceId: "call", channel: "desk", isTouch: false } : { experienceId: name },
  );
}

function decided(action: DecisionDraft["action"], code: ReasonCode, id: string, more: Partial<NewDelivery> = {}): Change {
  const reason = { code, stage: "timing", decidedBy: "rule", detail: "weekly: 1 in 7d, 1 used" } as const;
  const candidates: readonly Candidate[] = [{ experienceId: "e", moment: "m", verdict: "ineligible", reasons: [reason] }];
  const decision = { action, reasons: [reason], candidates } as unknown as DecisionDraft; // what a tally reads
  if (action !== "deliver") return { type: "decided", decision };
  const delivery = { deliveryId: id, channel: "box", isTouch: true, at: NOW, ...more } as unknown as NewDelivery;
  return { type: "decided", decision, delivery };
}

function successOf(change: Change, random: Random): Change[] {
  const isSuccess = random() < 0.2;
  if (change.type !== "decided" || !change.delivery) return [];
  const { deliveryId, experienceId, channel, at, isTouch } = change.delivery;
  if (!isTouch)
    return [{ type: "task_added", task: { taskId: deliveryId, queue: "showroom", summary: "", due: at, at, facts: {}, deliveryId } }];
  return !isSuccess ? [] : [{ type: "lesson", deliveryId, experienceId, channel, features: [], reward: 1, at }];
}
