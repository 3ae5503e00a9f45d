import { expect, test } from "vitest";
import { z } from "zod";
import type { AnyChannel } from "../channels/channel.ts";
import { checkTexts, policyOf } from "../testing/policy.ts";
import { describeProblem } from "./problem.ts";

/** A channel known only by its declaration. */
const pager: AnyChannel = {
  kind: "pager",
  options: z.object({ url: z.url("expected an address"), key: z.string(), retries: z.strictObject({ most: z.number() }).optional() }),
  content: z.strictObject({ title: z.string("expected text"), body: z.string("expected text").optional(), note: z.string().optional() }),
  text: { title: { form: "line", most: 20 }, body: { form: "html", most: 100, answer: 200 } },
  address: "phone",
};

function problemsOf(settings: string, content = "{title: Hello}", channels: readonly AnyChannel[] = [pager]): string[] {
  const checked = checkTexts(`channels: {beep: {kind: pager${settings}}}`, [`channels: {beep: ${content}}`], { channels });
  return checked.ok ? [] : checked.problems.map(describeProblem);
}

test.each([
  [", url: nowhere", "sentient.yaml:1: channels.beep.url: expected an address"],
  [", retris: x", "sentient.yaml:1: channels.beep.retris: unknown key retris; did you mean retries?"],
  [", retries: {moest: 1}", "sentient.yaml:1: channels.beep.retries.moest: unknown key moest; did you mean most?"],
  [", address: fax", "sentient.yaml:1: channels.beep.address: expected email, phone, push or none"],
  [", inbound: {provider: slack}", /unknown key inbound/],
  [", counts: maybe", "sentient.yaml:1: channels.beep.counts: expected true or false"],
])("options are those of the declaration: {kind: pager%s}", (settings, problem) =>
  expect(problemsOf(settings).join("\n")).toEqual(typeof problem === "string" ? problem : expect.stringMatching(problem)),
);

const broken = z.string().refine(() => {
  throw new Error("no such file");
});
test("a schema that throws is a problem of what it was given", () => {
  const channel = { ...pager, options: z.object({ url: broken }), content: z.object({ title: broken }) };
  expect(problemsOf(", url: a", undefined, [channel])).toEqual([
    "sentient.yaml:1: channels.beep.url: the schema failed: no such file",
    "experiences/0.yaml:1: channels.beep: the schema failed: no such file",
  ]);
});

test.each([
  [
    "a cap on a channel that counts nothing",
    "{kind: file, counts: false}",
    "governance.caps.0.channel: box says counts: false, so that the cap would count nothing",
  ],
  ["a task that counts", "{kind: human, counts: true}", "channels.box.counts: a task is no touch; the contact that follows is one"],
])("W9: %s is a problem", (_, box, problem) => {
  const settings = `channels: {box: ${box}}\ngovernance: {caps: [{id: a, channel: box, max: 1, window: 1d}]}`;
  const checked = checkTexts(settings, [box.includes("human") ? "channels: {box: {summary: Call}}" : ""]);
  expect(checked.ok ? [] : checked.problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([problem]);
});

test("a service may be named only where the declaration says so", () =>
  expect(problemsOf(", inbound: {provider: slack}", undefined, [{ ...pager, services: true }])).toEqual([]));

test.each([
  ["{note: Hello}", "experiences/0.yaml:1: channels.beep.title: expected text"],
  ["{title: Hello, txt: x}", "experiences/0.yaml:1: channels.beep: unknown key txt; expected one of title, body, note, template, brief"],
  ["{title: Hello, brief: ''}", "experiences/0.yaml:1: channels.beep.brief: expected text, not an empty string"],
  ["{title: Hello, template: nothing.liquid}", /unknown template nothing\.liquid/],
])("content is that of the declaration: %s", (content, problem) =>
  expect(problemsOf("", content).join("\n")).toEqual(typeof problem === "string" ? problem : expect.stringMatching(problem)),
);

test("the declaration states its texts, its address type, and whether it needs a grant", () => {
  const settings =
    "channels: {beep: {kind: pager}, email: {kind: pager}, sms: {kind: plain}, other: {kind: plain}, told: {kind: plain, address: push}}";
  const plain: AnyChannel = { kind: "plain", options: z.object({}), content: z.object({ title: z.string() }) };
  const { channels } = policyOf(settings, ["channels: {beep: {title: Hello}}"], { channels: [pager, plain] });
  const facts = Object.values(channels).map(({ name, address, consent, text }) => [name, address, consent, Object.keys(text)]);
  expect(facts).toEqual([
    ["beep", "phone", "opt_in", ["title", "body"]],
    ["email", "phone", "opt_in", ["title", "body"]],
    ["sms", "phone", "opt_in", []],
    ["other", "none", "opt_in", []],
    ["told", "push", "opt_in", []],
  ]);
});

test("fields take the form that the declaration gives them", () => {
  const content = `{title: "{{ customer.name }}", body: "<b>{{ customer.name }}</b>", note: "{{ customer.name }}"}`;
  const { experiences } = policyOf("channels: {beep: {kind: pager}}", [`channels: {beep: ${content}}`], { channels: [pager] });
  const rendered = experiences[0]?.routes[0]?.content.render({ customer: { name: "A <b>\nC" } } as never);
  expect(rendered).toMatchObject({ title: "A <b> C", body: "<b>A &lt;b&gt;\nC</b>", note: "A <b>\nC" });
});
