import { describe, expect, test } from "vitest";
import { aConsent, aCustomer, NOW } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import type { ConsentStatus } from "../entities/consent.ts";
import { consentKey, consentOn, importConsents, readConsent } from "./consent.ts";

const { channels, record } = policyOf(
  "channels: {Email: {kind: file}, sms: {kind: file}, desk: {kind: human}}\nrecord: {consentFrom: [crm]}",
  [],
);

test("F10: names are compared without case and outer blanks, and long ones are truncated between characters", () => {
  expect(["Email", " EMAIL ", "\temail\n"].map(consentKey)).toEqual(["email", "email", "email"]);
  expect(consentKey("😀".repeat(200))).toBe("😀".repeat(100));
});

test("F10: a revocation without a channel applies to all but human ones, including channels added later", () => {
  for (const channel of [undefined, null, "", "  ", [], {}])
    expect(readConsent({ channel, status: "revoked" }, channels)).toEqual({ status: "revoked", keys: ["email", "sms", "*"], unknown: [] });
});

test("F10: a number or a boolean names a channel too", () => {
  expect(readConsent({ channel: 7, status: "denied" }, channels)).toEqual({ status: "denied", keys: ["7"], unknown: ["7"] });
});

describe("F10: of a statement about a channel and one about all channels the newer holds", () => {
  const email = { name: "Email", makesTask: false };
  const customer = (own: number, every: number) => ({
    ...aCustomer(),
    consents: {
      email: aConsent({ channel: "email", status: "granted", at: NOW + own }),
      "*": aConsent({ channel: "*", status: "revoked", at: NOW + every }),
    },
  });
  test.each([
    [1, 2, "revoked"],
    [2, 1, "granted"],
  ])("said at %d and at %d: %s", (own, every, status) => expect(consentOn(customer(own, every), email)?.status).toBe(status));
  test("human channels are not among all", () => expect(consentOn(customer(1, 2), { name: "desk", makesTask: true })).toBeUndefined());
});

test("F10: opt-outs of a line apply first, whatever their order", () => {
  const words = [
    { channel: "email", status: "granted" as ConsentStatus, at: NOW - 1 },
    { channel: "Email", status: "revoked" as ConsentStatus, at: NOW - 2 },
  ];
  for (const said of [words, [...words].reverse()]) {
    const by = (source: string) => importConsents(aCustomer(), said, { source, seq: 0, now: NOW }, { channels, record }).at(-1);
    expect(by("shop")).toMatchObject({ consent: { status: "revoked" } });
    expect(by("crm")).toMatchObject({ consent: { status: "granted" } });
  }
});
