import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WEBHOOK_SECRET } from "./keys.ts";

/**
 * Writes a workspace that answers each purchase with a message to a sink, and, where it has places, asks for one with what the customer
 * bought or a greeting. Returns its folder.
 */
export function writeBoughtWorkspace(sinkUrl: string, customers: number, hasPlaces = false): string {
  const dir = mkdtempSync(join(tmpdir(), "sentient-bench-"));
  mkdirSync(join(dir, "experiences"));
  writeFileSync(
    join(dir, "sentient.yaml"),
    `version: 1
name: Bench
timezone: UTC
departments: [sales]
channels: {hook: {kind: webhook, address: none, url: "${sinkUrl}", secret: "${WEBHOOK_SECRET}", allowPrivate: true}${hasPlaces ? ", web: {kind: pull, places: [hero]}" : ""}}
moments: {buying: {on: bought, expires: 1h}}
governance:
  caps: [{id: weekly, max: 1000000, window: 7d}]
  consent: {hook: opt_in}
learning: {explore: none}
`,
  );
  for (const [name, value] of [
    ["one", 3],
    ["two", 2],
    ["three", 1],
  ] as const) {
    const text = `id: ${name}
name: ${name}
serves: [buying]
status: approved
value: ${value}
eligibility: [has(customer.firstName)]
context: [{when: signal.data.amount > 50, weight: ${value * 10}}]
channels: {hook: {payload: {n: "{{ signal.data.n }}", text: "Hello {{ customer.firstName }}, you bought for {{ signal.data.amount }}"}}}
`;
    writeFileSync(join(dir, "experiences", `${name}.yaml`), text);
  }
  const web = 'channels: {web: {content: {headline: "Hello {{ customer.firstName }} on {{ ask.context.page }}"}}}';
  for (const [name, value] of hasPlaces ? [["hello", 1] as const, ["welcome", 2] as const] : []) {
    const text = `id: ${name}\nname: ${name}\nserves: [asking, buying]\nstatus: approved\nvalue: ${value}\neligibility: [has(customer.firstName)]\n${web}\n`;
    writeFileSync(join(dir, "experiences", `${name}.yaml`), text);
  }
  const lines = Array.from({ length: customers }, (_, n) =>
    JSON.stringify({ id: `c-${n}`, traits: { firstName: `Name ${n}` }, consents: [{ channel: "hook", status: "granted" }] }),
  );
  writeFileSync(join(dir, "customers.jsonl"), `${lines.join("\n")}\n`);
  return dir;
}
