import { expect, test } from "vitest";
import { policyOf } from "../../testing/policy.ts";
import { CHANNEL_KINDS, defaultConsent } from "./policy.ts";

const FREE = ["chat", "webhook", "human", "file"];

test.each([...CHANNEL_KINDS, "pull", "ntfy", "", "constructor", "__proto__"])(
  "open channel default: a kind is opt_in unless it is declared free: %s",
  (kind) => {
    expect(defaultConsent(kind)).toBe(FREE.includes(kind) ? "free" : "opt_in");
  },
);

test.each(CHANNEL_KINDS)("open channel default: a channel of kind %s has it where governance.consent has no entry", (kind) => {
  const { channels } = policyOf(
    `channels: {box: {kind: file}, a: {kind: ${kind}}, b: {kind: ${kind}}}\ngovernance: {consent: {b: opt_out}}`,
  );
  expect([channels.a?.consent, channels.b?.consent]).toEqual([defaultConsent(kind), "opt_out"]);
});
