import { describe, expect, test } from "vitest";
import { aCustomer } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { changesOf, Story } from "../../testing/story.ts";

const SETTINGS = `
  record: {fields: {score: {maxAge: 1d}}}
  moments: {m: {on: go, expires: 30d}}
  channels: {box: {kind: file}, desk: {kind: human}}
  governance: {quietHours: [{from: "09:00", to: "11:00"}]}
  learning: {explore: none}
  `;
const WHEN = "success: {signal: lease.decided, when: signal.data.decision != 'leave', within: 30d, reward: 2}";

/** At 15:00 it is quiet until 16:00; the answer comes before or after. */
const DECIDES = "2026-06-01T17:00:00Z";
const storyOf = (experience: string) => new Story(policyOf(SETTINGS, [experience]), aCustomer()).signal("2026-06-01T16:00:00Z", "go");
const convertedIn = ({ changes }: Story) => changesOf(changes, "outcome_added").map(({ outcome, reward }) => [outcome.kind, reward]);

describe("W7: `when` decides whether a signal is a success", () => {
  test("it is one: the delivery converts and teaches a success", () => {
    const story = storyOf(WHEN).signal(DECIDES, "lease.decided", { decision: "keep" });
    expect(convertedIn(story)).toEqual([["converted", 2]]);
    expect(changesOf(story.changes, "lesson").map(({ reward }) => reward)).toEqual([1]);
  });

  test("it is none: nothing converts, and at the end of its time it teaches a failure", () => {
    const story = storyOf(WHEN).signal(DECIDES, "lease.decided", { decision: "leave" });
    expect(convertedIn(story)).toEqual([]);
    story.until("2026-07-03T00:00:00Z");
    expect(convertedIn(story)).toEqual([["ignored", 0]]);
    expect(changesOf(story.changes, "lesson").map(({ reward }) => reward)).toEqual([0]);
  });

  test("what it reads may be missing: that is no success", () => {
    expect(convertedIn(storyOf(WHEN).signal(DECIDES, "lease.decided", {}))).toEqual([]);
  });

  test("it may read the customer as they are after the signal, without stale fields", () => {
    const customer = "success: {signal: done, when: customer.score > 5, within: 30d}";
    expect(convertedIn(storyOf(customer).signal(DECIDES, "done", { traits: { score: 6 } }))).toEqual([["converted", 1]]);
    const stale = storyOf(customer).signal(DECIDES, "other", { traits: { score: 6 } });
    expect(convertedIn(stale.signal("2026-06-03T17:00:00Z", "done"))).toEqual([]);
  });

  test("a signal that is no success leaves a pending decision; one that is supersedes it with goal_met", () => {
    const story = new Story(policyOf(SETTINGS, [WHEN]), aCustomer()).signal("2026-06-01T15:00:00Z", "go");
    expect(story.last).toMatchObject({ action: "defer" });
    story.signal("2026-06-01T15:10:00Z", "lease.decided", { decision: "leave" });
    expect(story.decisions).toHaveLength(1);
    story.signal("2026-06-01T15:20:00Z", "lease.decided", { decision: "keep" });
    expect(story.last).toMatchObject({ action: "silence", supersedes: story.decisions[0]?.decisionId });
    expect(story.last.candidates[0]?.reasons).toMatchObject([
      { code: "goal_met", detail: "lease.decided with signal.data.decision != 'leave' came after the moment opened" },
    ]);
    // A later signal that is none does not undo it.
    story.signal("2026-06-01T15:30:00Z", "lease.decided", { decision: "leave" }).until("2026-06-02T00:00:00Z");
    expect(story.decisions.filter(({ action }) => action === "deliver")).toEqual([]);
  });

  test("a delivery that was not handed over is cancelled by a success, and by nothing else", () => {
    const reserved = (decision: string) => {
      const { customer, changes } = storyOf(WHEN);
      const deliveries = customer.deliveries.map((note) => ({ ...note, status: "reserved" as const }));
      const next = new Story(policyOf(SETTINGS, [WHEN]), { ...customer, deliveries }).signal(DECIDES, "lease.decided", { decision });
      expect(changes.length).toBeGreaterThan(0);
      return changesOf(next.changes, "delivery_moved").map(({ to, reason }) => [to, reason]);
    };
    expect(reserved("leave")).toEqual([]);
    expect(reserved("keep")).toEqual([["cancelled", "goal_met"]]);
  });

  test("a task is withdrawn by a success only", () => {
    const task = `channels: {desk: {summary: Call}}\n${WHEN}`;
    const withdrawn = (decision: string) =>
      changesOf(storyOf(task).signal(DECIDES, "lease.decided", { decision }).changes, "task_withdrawn").length;
    expect([withdrawn("leave"), withdrawn("keep")]).toEqual([0, 1]);
  });

  test("without `when` every signal of the type is one", () => {
    const story = storyOf(WHEN.replace(/when: [^,]*, /, "")).signal(DECIDES, "lease.decided", { decision: "leave" });
    expect(convertedIn(story)).toEqual([["converted", 2]]);
  });
});
