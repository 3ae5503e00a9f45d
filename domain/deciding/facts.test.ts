import { describe, expect, test } from "vitest";
import { aCustomer, type GivenCustomer, NOW } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { changesOf, Story } from "../../testing/story.ts";
import { DAY, iso } from "../values/time.ts";

const SETTINGS = `
  record:
    sources: [leasing, dealer]
    fields:
      lease.endsOn: {rule: source_sequence, maxAge: 100d}
      payoff: {onConflict: hold}
  channels: {box: {kind: file}, desk: {kind: human, queue: showroom}}
  learning: {explore: none}
  `;

const said = (source: string, days: number, traits: Record<string, unknown>) => ({ source, at: NOW - days * DAY, traits });
const ends = (source: string, days: number, endsOn: string) => said(source, days, { lease: { endsOn } });
const OLD = { said: [ends("leasing", 120, "2026-09-08")] };
const OLD_AND_CONTRADICTED = { said: [ends("leasing", 120, "2026-09-08"), ends("dealer", 130, "2026-10-01")] };
const DISPUTED = { said: [said("leasing", 5, { payoff: 18200 }), said("dealer", 2, { payoff: 17900 })] };

const task = (text: string, more = "") => `channels: {desk: {summary: "${text}"}}\n${more}`;
const ENDS = "Call about {{ customer.lease.endsOn }}";
const PAYOFF = "Call about {{ customer.payoff }}";

function storyOf(experience: string, customer: GivenCustomer) {
  const story = new Story(policyOf(SETTINGS, [experience]), aCustomer(customer)).signal(iso(NOW), "go");
  const [decided] = changesOf(story.changes, "decided");
  return { decision: story.last, delivery: decided?.delivery };
}

describe("W15: on a human channel a stale or disputed fact does not stop the task", () => {
  test("a stale fact goes with its age and limit", () => {
    const { decision, delivery } = storyOf(task(ENDS), OLD);
    expect(decision.action).toBe("deliver");
    expect(delivery?.facts).toEqual({
      "lease.endsOn": {
        value: "2026-09-08",
        source: "leasing",
        at: "2026-02-01T15:00:00Z",
        doubt: "is 120 days old (leasing), older than the 100 days allowed",
      },
    });
    expect(delivery?.frozen).toMatchObject({
      customer: { lease: { endsOn: "2026-09-08" } },
      notes: ["check lease.endsOn: 2026-09-08 is 120 days old (leasing), older than the 100 days allowed"],
    });
  });

  test("with the other source's word, where it differs", () => {
    expect(storyOf(task(ENDS), OLD_AND_CONTRADICTED).delivery?.frozen.notes).toEqual([
      "check lease.endsOn: 2026-09-08 is 120 days old (leasing), older than the 100 days allowed; dealer says 2026-10-01 (130 days old)",
    ]);
  });

  test("a disputed fact goes with the word that its rule prefers, and the other one", () => {
    const { decision, delivery } = storyOf(task(PAYOFF), DISPUTED);
    expect(decision.action).toBe("deliver");
    expect(delivery?.facts.payoff).toMatchObject({
      value: 17900,
      source: "dealer",
      doubt: "is 2 days old (dealer); leasing says 18200 (5 days old)",
    });
    expect(delivery?.frozen).toMatchObject({
      customer: { payoff: 17900 },
      notes: ["check payoff: 17900 is 2 days old (dealer); leasing says 18200 (5 days old)"],
    });
  });

  test("a reliable fact has no note", () => {
    const { delivery } = storyOf(task(ENDS), { said: [ends("leasing", 1, "2026-09-08")] });
    expect(delivery?.facts["lease.endsOn"]).not.toHaveProperty("doubt");
    expect(delivery?.frozen).not.toHaveProperty("notes");
  });

  test.each<[string, string, GivenCustomer, string[]]>([
    ["a missing fact still stops it", task(ENDS), {}, ["fact_missing"]],
    [
      "so does one that is no date where one is printed",
      task(ENDS.replace("endsOn", "endsOn | date: '%d'")),
      { said: [ends("leasing", 120, "soon")] },
      ["fact_missing"],
    ],
    [
      "what its action states is not looked up first, and stops it",
      task("Call", "action: {tool: open_case, input: {subject: '{{ customer.lease.endsOn }}'}}"),
      OLD,
      ["fact_stale"],
    ],
    ["a message to the customer is stopped as ever", `channels: {box: {text: "${ENDS}"}}`, OLD, ["fact_stale"]],
    ["a disputed fact in one too", `channels: {box: {text: "${PAYOFF}"}}`, DISPUTED, ["fact_conflict"]],
  ])("%s", (_name, experience, customer, codes) => {
    const { decision } = storyOf(experience, customer);
    expect(decision.action).toBe("silence");
    expect(decision.candidates[0]?.reasons.map(({ code }) => code)).toEqual(codes);
  });
});

describe("on a webhook to a system of one's own a stale or disputed fact holds", () => {
  const hook = (payload: string) => `channels: {crm: {payload: {when: "${payload}"}}}`;
  const decisionOf = (payload: string, customer: GivenCustomer) => {
    const settings = SETTINGS.replace(
      "box: {kind: file}",
      "crm: {kind: webhook, url: 'https://crm.example/hook', secret: a-secret-of-a-test, counts: false}",
    );
    return new Story(policyOf(settings, [hook(payload)]), aCustomer(customer)).signal(iso(NOW), "go", { endsOn: "2026-09-08" }).last;
  };

  test.each([
    ["stale", "{{ customer.lease.endsOn }}", OLD, "fact_stale"],
    ["disputed", "{{ customer.payoff }}", DISPUTED, "fact_conflict"],
  ])("a %s one", (_, payload, customer, code) => {
    const { action, candidates } = decisionOf(payload, customer);
    expect([action, candidates[0]?.reasons.map((reason) => reason.code)]).toEqual(["silence", [code]]);
  });

  test("what the signal said is no fact", () => {
    expect(decisionOf("{{ moment.data.endsOn }}", OLD)).toMatchObject({ action: "deliver", channel: "crm" });
  });
});
