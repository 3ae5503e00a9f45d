import { expect, test } from "vitest";
import { textsOf } from "./texts-of.ts";

const GROWING = `a: &a [x]\nb: &b [${"*a,".repeat(60)}]\nchannels: {c: {text: [${"*b,".repeat(60)}]}}`;

test("texts by channel, variant and locale, in the order of the file", () => {
  const yaml = `
id: a
channels:
  sms: {text: Hello}
  email:
    subject: News
    locales: {de: {subject: Neues, body: "<p>Hallo</p>"}}
    variants: {short: {body: Short, locales: {de: {body: Kurz}}}}
  push: {payload: {title: Hi, count: 2}}
`;
  expect(textsOf(yaml).map(({ channel, variant = "", locale = "", part, text }) => [channel, variant, locale, part, text])).toEqual([
    ["sms", "", "", "text", "Hello"],
    ["email", "", "", "subject", "News"],
    ["email", "", "de", "subject", "Neues"],
    ["email", "", "de", "body", "<p>Hallo</p>"],
    ["email", "short", "", "body", "Short"],
    ["email", "short", "de", "body", "Kurz"],
    ["push", "", "", "payload.title", "Hi"],
  ]);
});

test.each(["id: a", "channels: 3", "channels: {sms: 1}", "{", "channels: {a: &b {c: *b}}", "channels: {a: &b {locales: *b}}", GROWING])(
  "%s has no texts",
  (yaml) => {
    expect(textsOf(yaml)).toEqual([]);
  },
);
