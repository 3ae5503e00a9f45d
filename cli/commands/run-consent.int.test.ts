import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Decision } from "../../domain/entities/decision.ts";
import type { Json } from "../../domain/values/json.ts";
import { codesOf } from "../../testing/codes.ts";
import { sentientHere } from "../../testing/command-line.ts";

const dir = mkdtempSync(join(tmpdir(), "sentient-consent-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const lines = (...values: Json[]) => values.map((value) => JSON.stringify(value)).join("\n");
const signal = (id: string, day: number, type: string, subject: string, data: Json = {}): Json => ({
  ...{ specversion: "1.0", id, source: "web", type, subject, time: `2026-06-0${day}T12:00:00Z`, data },
});

function write(customers: string, signals: string): void {
  mkdirSync(join(dir, "experiences"), { recursive: true });
  const settings = "version: 1\nname: T\nchannels: {Email: {kind: file, address: none}}\nmoments: {m: {on: go, expires: 30d}}\n";
  writeFileSync(join(dir, "sentient.yaml"), settings);
  writeFileSync(join(dir, "experiences", "a.yaml"), "id: a\nserves: [m]\nchannels: {Email: {text: Hello}}\n");
  writeFileSync(join(dir, "customers.jsonl"), customers);
  writeFileSync(join(dir, "signals.jsonl"), signals);
}

test("F1, F10: run reads consents in files, and reports the rejected lines", async () => {
  write(
    lines(
      { id: "ahead", at: "2099-01-01T00:00:00Z", consents: [{ channel: "email", status: "granted" }] },
      {
        id: "no",
        consents: [
          { channel: "EMAIL", status: "Denied" },
          { channel: "pigeon", status: "granted" },
        ],
      },
    ),
    lines(
      signal("1", 1, "customer.consent", "ahead", { status: "Revoked" }),
      signal("2", 1, "customer.consent", "odd", { channel: "Fax", status: "revoked" }),
      signal("3", 1, "customer.consent", "odd", { channel: "email", status: "unsubscribed" }),
      signal("4", 1, "customer.consent", "odd", { channel: "pigeon", status: "granted" }),
      ...["ahead", "no", "odd"].map((id, n) => signal(`go-${n}`, 2, "go", id)),
    ),
  );
  const { code, out, err } = await sentientHere("run", dir, "--json");
  const decisions = out.map((line) => JSON.parse(line) as Decision);
  expect(Object.fromEntries(decisions.map((one) => [one.customerId, codesOf(one)]))).toEqual({
    ...{ ahead: ["consent_revoked"], no: ["consent_revoked"], odd: ["eligible"] },
  });
  expect(code).toBe(1);
  for (const told of [
    "customers.jsonl:2: consents.1.channel: there is no channel pigeon; expected one of Email",
    "signals.jsonl:3: data.status: expected granted, denied or revoked",
    "signals.jsonl:4: data.channel: there is no channel pigeon; expected one of Email",
    "denials and revocations are kept for unknown channels: fax",
  ])
    expect(err).toContain(told);
});
