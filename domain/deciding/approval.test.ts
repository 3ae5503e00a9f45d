import { describe, expect, test } from "vitest";
import { inShort, play } from "../../testing/tell.ts";
import type { Approval } from "../entities/customer.ts";

const VARIANTS = "{variants: {short: {text: Hi}, long: {text: Good day}}}";

/** What a human was asked about: the first variant of the first channel. Then something else would win. */
function asked(experience: string, settings = "") {
  let best = "short box";
  const propensity = ({ channel, variant = "" }: { readonly channel: string; readonly variant?: string | undefined }) => ({
    ...{ mean: best.includes(variant) && best.includes(channel) ? 0.6 : 0.5, logit: 0, deviation: 0 },
  });
  const told = play({
    settings: `channels: {box: {kind: file}, hook: {kind: webhook}}\ngovernance: {approval: [{experiences: [e], reason: legal}]${settings}}`,
    experiences: [`channels: ${experience}`, "id: f\nchannels: {box: {text: Else}}\nvalue: 0.1"],
    signals: [["06-01 15:00", "go"]],
    options: { propensity },
  });
  const answered = (answer: Partial<Approval>, which = 0) => {
    const approvals = told.customer.approvals.map((approval, n) => (n === which ? { ...approval, ...answer } : approval));
    told.customer = { ...told.customer, approvals };
  };
  const after = (answer: Partial<Approval>, now: string, time = "2026-06-01T15:05:00Z") => {
    answered(answer);
    best = now;
    told.signal(time, "x");
    return [inShort(told.last), told.last.variant];
  };
  return { told, answered, after };
}

describe("what a human approved goes as it was read", () => {
  test("in its variant, whichever would win by now", () => {
    const given = asked(`{box: ${VARIANTS}}`);
    expect(given.told.last).toMatchObject({ action: "await_approval", variant: "short" });
    const { after } = given;
    expect(after({ state: "approved", channel: "box", variant: "short" }, "long box")).toEqual(["06-01 15:05 deliver e@box", "short"]);
  });

  test("on its channel, also where that has to wait and another one could go at once", () => {
    const both = "{box: {text: Hi}, hook: {payload: {a: 1}}}";
    const yes = { state: "approved", channel: "box" } as const;
    expect(asked(both).after(yes, "hook")[0]).toBe("06-01 15:05 deliver e@box");
    const atNight = ', quietHours: [{channels: [box], from: "09:00", to: "20:00"}]';
    expect(asked(both, atNight).after(yes, "hook")[0]).toBe("06-01 15:05 defer e@box until 06-02 01:00: quiet_hours");
  });

  test("and where it cannot, a human is asked about what would go instead; a no to that holds", () => {
    const gone = asked(`{box: ${VARIANTS}}`);
    expect(gone.after({ state: "approved", channel: "hook" }, "long box")[0]).toBe("06-01 15:05 await_approval e@box: approval_required");
    const [first, second, ...rest] = gone.told.customer.approvals;
    expect([first?.state, second?.state, rest]).toEqual(["approved", "pending", []]);
    expect(second?.approvalId).not.toBe(first?.approvalId);
    gone.told.signal("2026-06-01T15:06:00Z", "y");
    expect(gone.told.customer.approvals).toHaveLength(2);
    gone.answered({ state: "rejected" }, 1);
    gone.told.signal("2026-06-01T15:07:00Z", "y");
    expect(inShort(gone.told.last)).toBe("06-01 15:07 deliver f@box");
  });

  test("a yes that names no channel, from an older store, is one to whatever wins", () => {
    expect(asked(`{box: ${VARIANTS}}`).after({ state: "approved" }, "long box")).toEqual(["06-01 15:05 deliver e@box", "long"]);
  });
});
