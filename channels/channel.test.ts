import { expect, test } from "vitest";
import { policyOf } from "../testing/policy.ts";
import { channels } from "./index.ts";

const FREE = ["chat", "webhook", "human", "file", "pull"];

test.each(channels.map(({ kind }) => kind))("consent default: a kind is opt_in unless it is declared free: %s", (kind) => {
  const policy = policyOf(`channels: {box: {kind: file}, a: {kind: ${kind}}, b: {kind: ${kind}}}\ngovernance: {consent: {b: opt_out}}`);
  expect([policy.channels.a?.consent, policy.channels.b?.consent]).toEqual([FREE.includes(kind) ? "free" : "opt_in", "opt_out"]);
});
