import { describe, expect, test } from "vitest";
import { aCustomer, aMoment, aSignal, at, NOW, signalWake as wakeOf } from "../../testing/builders.ts";
import { type GivenFiles, policyOf } from "../../testing/policy.ts";
import type { Customer } from "../entities/customer.ts";
import type { Wake } from "../entities/wake.ts";
import { DAY } from "../values/time.ts";
import { type ActionOutput, previewMessage, previewWake } from "./preview.ts";

const CHANNELS =
  "channels: {email: {kind: smtp, url: smtp://mail.example, from: care@shop.example}, sms: {kind: twilio}, box: {kind: file}}";

interface Given {
  readonly settings?: string;
  readonly customer?: Customer;
  readonly channel?: string;
  readonly variant?: string;
  readonly locale?: string;
  readonly wake?: Wake;
  readonly outputOf?: ActionOutput;
  readonly files?: GivenFiles;
}

function preview(
  experience: string,
  { settings = "", customer = aCustomer(), channel, variant, locale, wake, outputOf = () => undefined, files }: Given = {},
) {
  const policy = policyOf(`${CHANNELS}\n${settings}`, [experience], files);
  const [first] = policy.experiences;
  if (!first) throw new Error("no experience");
  return previewMessage(
    customer,
    wake ?? previewWake(customer.customerId, NOW),
    { experience: first, channel, variant, locale },
    { policy, now: NOW, outputOf },
  );
}

const DANA = aCustomer({
  traits: { name: "Dana", lease: { endsOn: "2026-09-12" } },
  identities: { email: "dana@mail.example" },
  consents: { email: "granted" },
  moments: [aMoment({ name: "m" })],
});

describe("render: a message as it would go", () => {
  test("its content, address, moment, and each fact with source and age", () => {
    const shown = preview("channels: {email: {subject: 'Hi {{ customer.name }}', body: '{{ moment.name }}'}}", { customer: DANA });
    expect(shown).toMatchObject({
      ...{ experienceId: "e", customerId: DANA.customerId, channel: "email", to: "dana@mail.example", at: "2026-06-01T15:00:00Z" },
      content: { subject: "Hi Dana", body: "m" },
      moment: { name: "m" },
      problems: [],
      heldBy: [],
    });
    expect(Object.keys(shown.facts)).toEqual(["name"]);
    expect(shown.facts.name).toMatchObject({
      value: "Dana",
      state: "ok",
      source: expect.any(String),
      age: expect.stringMatching(/^\d+[dhms]/),
    });
  });

  test("the customer is not changed", () => {
    const before = structuredClone(DANA);
    preview("channels: {box: {text: Hi}}", { customer: DANA, wake: wakeOf(aSignal("go", { traits: { name: "Eve" } })) });
    expect(DANA).toEqual(before);
  });

  test("by the author's first channel that consent and addresses allow, or the one asked for", () => {
    const both = "channels: {sms: {text: Hi}, box: {text: Hello}}";
    expect(preview(both, { customer: DANA }).channel).toBe("box");
    expect(preview(both, { customer: DANA, channel: "sms" })).toMatchObject({
      channel: "sms",
      content: { text: "Hi" },
      heldBy: [{ code: "consent_missing" }, { code: "no_channel" }],
      notes: ["it also has box"],
    });
    const reachable = aCustomer({ identities: { phone: "+13125550101" }, consents: { sms: "granted" } });
    expect(preview(both, { customer: reachable }).channel).toBe("sms");
    expect(() => preview(both, { customer: DANA, channel: "email" })).toThrow("e has no channel email; it has sms, box");
  });

  test("a draft can be rendered, and is said not to compete", () => {
    expect(preview("status: draft", { customer: DANA })).toMatchObject({
      content: { text: "Hello" },
      notes: ["its status is draft: it does not compete"],
    });
  });
});

describe("render: what keeps a text from being written", () => {
  const LEASE = "channels: {box: {text: 'Ends {{ customer.lease.endsOn }}'}}";
  const stated = (value: string, source: string, when: string) => ({ traits: { lease: { endsOn: value } }, source, at: at(when) });

  test("a missing fact, with what to do", () => {
    expect(preview(LEASE)).toMatchObject({
      problems: [{ code: "fact_missing", detail: "lease.endsOn is not known", todo: expect.stringContaining("data.traits") }],
    });
    expect(preview(LEASE)).not.toHaveProperty("content");
  });

  test("a stale fact, which is shown as stale with its age", () => {
    const customer = aCustomer({ said: [stated("2026-09-12", "crm", "2026-03-01T15:00:00Z")] });
    const shown = preview(LEASE, { customer, settings: "record: {fields: {lease.endsOn: {maxAge: 45d}}}" });
    expect(shown).toMatchObject({
      problems: [{ code: "fact_stale", detail: "lease.endsOn is 92d old (crm)", todo: expect.stringContaining("maxAge") }],
      facts: { "lease.endsOn": { state: "stale", age: "92d" } },
    });
  });

  test("W15: on a human channel a stale fact is noted in the summary instead", () => {
    const policy = policyOf("record: {fields: {score: {maxAge: 1d}}}\nchannels: {desk: {kind: human}}", [
      'channels: {desk: {summary: "Score {{ customer.score }}"}}',
    ]);
    const customer = aCustomer({ said: [{ source: "crm", at: NOW - 2 * DAY, traits: { score: 1 } }] });
    const [experience] = policy.experiences;
    if (!experience) throw new Error("there is one");
    const given = { policy, now: NOW, outputOf: () => undefined };
    const { problems, content, facts } = previewMessage(customer, previewWake("c-1", NOW), { experience }, given);
    expect(problems).toEqual([]);
    expect(content).toEqual({ summary: "Score 1 (check score: 1 is 2 days old (crm), older than the 1 day allowed)" });
    expect(facts.score).toMatchObject({ state: "stale", doubt: "is 2 days old (crm), older than the 1 day allowed" });
  });

  test("a conflict, with what each source says", () => {
    const customer = aCustomer({
      said: [stated("2026-09-12", "crm", "2026-05-01T15:00:00Z"), stated("2026-10-01", "dealer", "2026-05-02T15:00:00Z")],
    });
    const shown = preview(LEASE, { customer, settings: "record: {fields: {lease.endsOn: {onConflict: hold}}}" });
    expect(shown.problems).toMatchObject([{ code: "fact_conflict", todo: expect.stringContaining("onConflict") }]);
    expect(shown.problems[0]?.detail).toContain('dealer says "2026-10-01"');
  });

  test("data of a moment that is not open: named, with how to give it", () => {
    expect(preview("channels: {box: {text: 'You left {{ moment.data.item }}'}}")).toMatchObject({
      problems: [
        {
          code: "content_rejected",
          detail: "moment.data.item is missing, and the text reads it",
          todo: expect.stringContaining("--signal"),
        },
      ],
      notes: ["no moment that it serves is open (m): values of moment.* are missing"],
    });
  });

  test("a value that no text can print", () => {
    const customer = aCustomer({ traits: { plan: { name: "M" } } });
    expect(preview("channels: {box: {text: '{{ customer.plan }}'}}", { customer }).problems).toMatchObject([{ code: "content_rejected" }]);
  });
});

describe("render: with a signal, the customer is as after it", () => {
  test("its moment is open, and its data and traits are there for the text", () => {
    const wake = wakeOf(aSignal("go", { item: "tent", traits: { name: "Dana" } }, { time: NOW }));
    const text = "channels: {box: {text: '{{ customer.name }}: {{ moment.data.item }}, {{ signal.data.item }}'}}";
    expect(preview(text, { wake })).toMatchObject({ content: { text: "Dana: tent, tent" }, moment: { name: "m" }, problems: [] });
  });

  test("a text that opens its moment by its words", () => {
    const settings = "moments: {m: {on: message.received, says: ['I moved house', 'my new address'], expires: 2d}}";
    const wake = wakeOf(aSignal("message.received", { channel: "box", text: "I moved house" }, { time: NOW }));
    expect(preview("", { settings, wake })).toMatchObject({ moment: { name: "m" }, problems: [] });
  });
});

describe("render: an action is shown and not run", () => {
  const OFFER =
    "action: {tool: issue_offer, input: {percent: '{{ customer.percent }}', validFor: 3h}}\nchannels: {box: {text: 'Code {{ action.code }}'}}";
  const customer = aCustomer({ traits: { percent: 20 }, moments: [aMoment({ name: "m", expiresAt: NOW + DAY })] });

  test("the output that its tool computes is `action` in the text", () => {
    const given: unknown[] = [];
    const outputOf: ActionOutput = (tool, input) => {
      given.push([tool, input]);
      return { code: "ABC", expiresAt: "2026-06-01T18:00:00Z" };
    };
    const shown = preview(OFFER, { customer, outputOf });
    expect(given).toEqual([["issue_offer", { percent: 20, validFor: "3h" }]]);
    expect(shown).toMatchObject({
      content: { text: "Code ABC" },
      action: { tool: "issue_offer", input: { percent: 20, validFor: "3h" }, output: { code: "ABC" }, from: "computed" },
    });
    expect(shown.notes[0]).toMatch(/^issue_offer was not run/);
  });

  test("what only a call outside would give reads as nothing, as in a recorded stream", () => {
    expect(preview(OFFER, { customer })).toMatchObject({ content: { text: "Code " }, action: { output: {}, from: "recorded" } });
  });

  test("an input that the tool refuses is a problem of the text", () => {
    const outputOf: ActionOutput = () => {
      throw new Error("issue_offer was called with an input it does not take: percent");
    };
    expect(preview(OFFER, { customer, outputOf }).problems).toMatchObject([
      { code: "content_rejected", detail: expect.stringContaining("percent") },
    ]);
  });
});

describe("in a variant and a language", () => {
  const BOTH = "channels: {box: {variants: {short: {text: Hi, locales: {de: {text: Servus}}}, story: {text: Once}}}}";
  const german = aCustomer({ traits: { locale: "de-AT" } });

  test("the first variant, in the customer's language", () => {
    expect(preview(BOTH, { customer: german })).toMatchObject({
      ...{ variant: "short", locale: "de", content: { text: "Servus" } },
      notes: [expect.anything(), "on box it may also say story (variants)"],
    });
    expect(preview(BOTH)).toMatchObject({ variant: "short", locale: "default", content: { text: "Hi" } });
  });

  test("those that are asked for", () => {
    expect(preview(BOTH, { variant: "story", customer: german })).toMatchObject({ variant: "story", content: { text: "Once" } });
    expect(preview(BOTH, { variant: "story" })).not.toHaveProperty("locale");
    expect(preview(BOTH, { locale: "DE_ch" })).toMatchObject({ locale: "de", content: { text: "Servus" } });
    expect(preview(BOTH, { locale: "fr", customer: german })).toMatchObject({ locale: "default" });
  });

  test.each([
    [{ variant: "long" }, "e has no variant long; it has box (variant short), box (variant story)"],
    [{ channel: "sms", variant: "short" }, "e has no channel sms with variant short; it has box (variant short), box (variant story)"],
    [{ locale: "german" }, "locale: german is no language tag that is known; expected one like de or pt-BR"],
  ])("what is not there is refused: %j", (asked, message) => {
    expect(() => preview(BOTH, asked)).toThrow(message);
  });
});
