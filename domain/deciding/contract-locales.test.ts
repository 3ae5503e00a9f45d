import { describe, expect, test } from "vitest";
import { aCustomer } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { changesOf, Story } from "../../testing/story.ts";
import type { ContentScope } from "../entities/policy.ts";
import { isGsm7 } from "../text/words.ts";
import { inLanguageOf, inLocale, routeOfDelivery } from "./locale.ts";

const CONTENT = `
  channels:
    box:
      text: Hello {{ customer.firstName }}
      locales:
        de: {text: "Hallo {{ customer.vorname }}"}
        pt-BR: {text: Olá}
        zh_Hant: {text: 你好}
`;

/** The delivery of a customer with a language, and what it says. */
function deliveredTo(locale: unknown, traits: Readonly<Record<string, unknown>> = { firstName: "Ann", vorname: "Anna" }) {
  const policy = policyOf("learning: {explore: none}", [CONTENT]);
  const story = new Story(policy, aCustomer({ traits: { ...traits, locale } })).signal("2026-06-01T15:00:00Z", "go");
  const [decided] = changesOf(story.changes, "decided");
  const delivery = decided?.delivery;
  const route = delivery && routeOfDelivery(policy.experiences[0]?.routes ?? [], delivery);
  const text = route?.content.render(delivery?.frozen as unknown as ContentScope).text;
  return { decision: decided?.decision, delivery, text };
}

test.each([
  ["de", "de", "Hallo Anna"],
  ["de-AT", "de", "Hallo Anna"],
  ["DE_at", "de", "Hallo Anna"],
  ["pt-br", "pt-BR", "Olá"],
  ["pt_BR", "pt-BR", "Olá"],
  ["zh-Hant-TW", "zh_Hant", "你好"],
  ["pt", "default", "Hello Ann"],
  ["pt-PT", "default", "Hello Ann"],
  ["en", "default", "Hello Ann"],
  ["", "default", "Hello Ann"],
  ["no tag at all", "default", "Hello Ann"],
  ["deutsch", "default", "Hello Ann"],
  [7, "default", "Hello Ann"],
  [{ a: 1 }, "default", "Hello Ann"],
  [null, "default", "Hello Ann"],
])("a customer with the locale %j gets the content in %s", (locale, used, text) => {
  expect(deliveredTo(locale)).toMatchObject({ delivery: { locale: used }, text });
});

test("facts hold for each language: only what the text in it reads has to be known", () => {
  expect(deliveredTo("de", { firstName: "Ann" }).decision).toMatchObject({
    action: "silence",
    candidates: [{ reasons: [{ code: "fact_missing", detail: "vorname is not known", channel: "box" }] }],
  });
  expect(deliveredTo("en", { firstName: "Ann" }).delivery?.facts).toEqual({ firstName: expect.objectContaining({ value: "Ann" }) });
  expect(Object.keys(deliveredTo("de").delivery?.facts ?? {})).toEqual(["vorname"]);
});

test("a content in one language names no locale, and costs no look-up", () => {
  const policy = policyOf("", ["channels: {box: {text: Hello}}"]);
  const [route] = policy.experiences[0]?.routes ?? [];
  expect(route).not.toHaveProperty("locale");
  expect(route && inLanguageOf({ customer: { locale: "de" } }, route)).toBe(route);
});

describe("a locale replaces the keys it names, whole", () => {
  const routes = (content: string, templates: Readonly<Record<string, string>> = {}) =>
    policyOf("channels: {mail: {kind: smtp}, hook: {kind: webhook}}", [`channels: {${content}}`], { templates }).experiences[0]?.routes ??
    [];
  const rendered = (content: string, tag: string, templates?: Readonly<Record<string, string>>) => {
    const [route] = routes(content, templates);
    return route && inLocale(route, tag).content.render({ zone: "UTC", customer: {} } as unknown as ContentScope);
  };

  test("the others stay as they stand beside it", () => {
    expect(rendered("mail: {subject: Hi, body: Same, locales: {de: {subject: Servus}}}", "de")).toEqual({
      subject: "Servus",
      body: "Same",
    });
    expect(rendered("hook: {payload: {a: 1, b: 2}, locales: {de: {payload: {a: 3}}}}", "de")).toEqual({ payload: { a: 3 } });
  });

  test("a body replaces a template, and a template a body", () => {
    const templates = { "en.liquid": "English", "de.liquid": "Deutsch" };
    const mail = "mail: {subject: Hi, template: en.liquid, locales: {de: {template: de.liquid}, fr: {body: Ici}}}";
    expect(rendered(mail, "de", templates)).toEqual({ subject: "Hi", body: "Deutsch" });
    expect(rendered(mail, "fr", templates)).toEqual({ subject: "Hi", body: "Ici" });
    expect(rendered(mail, "en", templates)).toEqual({ subject: "Hi", body: "English" });
  });

  test("brief, due time and queue too", () => {
    const [route] =
      policyOf("channels: {desk: {kind: human, queue: all}}", [
        "channels: {desk: {summary: Call, queue: english, locales: {de: {summary: Anrufen, queue: german, brief: Kurz}}}}",
      ]).experiences[0]?.routes ?? [];
    expect(route).toMatchObject({ queue: "english" });
    expect(route && inLocale(route, "de")).toMatchObject({ queue: "german", brief: "Kurz" });
  });
});

test("a delivery keeps the language it was decided on, also when the customer's changes before it is written", () => {
  const { routes = [] } = policyOf("", [CONTENT]).experiences[0] ?? {};
  expect(routeOfDelivery(routes, { channel: "box", locale: "zh_Hant" })?.locale).toBe("zh_Hant");
  expect(routeOfDelivery(routes, { channel: "box", locale: "default" })?.locale).toBe("default");
  expect(routeOfDelivery(routes, { channel: "box", locale: "fr" })?.locale).toBe("default");
  expect(routeOfDelivery(routes, { channel: "mail" })).toBeUndefined();
});

test("numbers and money in a text message have plain spaces, so that it stays in the 7-bit alphabet; elsewhere they do not break", () => {
  const written = "text: \"{{ 1234567.5 | number }} / {{ 1234.5 | money: 'EUR' }}\"";
  const policy = policyOf(
    "channels: {sms: {kind: twilio, accountSid: AC1, authToken: t, from: '+15550100'}, box: {kind: file}}\nbrand: {languages: [fr]}",
    [`channels:\n  sms: {${written}}\n  box: {${written}}\nid: e\nserves: [m]`],
  );
  const say = (channel: string) =>
    String(
      policy.experiences[0]?.routes.find((route) => route.channel === channel)?.content.render({ zone: "UTC" } as unknown as ContentScope)
        .text,
    );
  expect(isGsm7(say("sms"))).toBe(true);
  expect(say("sms")).toBe("1 234 567,5 / 1 234,50 €");
  expect(say("box")).toBe("1\u00a0234\u00a0567,5 / 1\u00a0234,50\u00a0€");
});
