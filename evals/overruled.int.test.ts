import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Candidate, Decision } from "../domain/entities/decision.ts";
import { sentientHere } from "../testing/command-line.ts";

const scratch = mkdtempSync(join(tmpdir(), "overruled-"));
afterAll(() => rmSync(scratch, { recursive: true }));
const workspace = join(scratch, "insurer");
const data = join(scratch, "data");

const GIA = {
  id: "c-gia",
  source: "core",
  at: "2027-03-01T12:00:00Z",
  traits: { firstName: "Gia", advisor: { seesAll: true }, policy: { kind: "home", renewsOn: "2027-04-10", premium: 84 } },
  timezone: "America/New_York",
  identities: [{ type: "email", value: "gia@mail.example" }],
  consents: [{ channel: "email", status: "granted" }],
};
const signal = (id: string, type: string, time: string, more: object = {}) => ({
  ...{ specversion: "1.0", id, source: "core", type, subject: "c-gia", time },
  data: more,
});
const SIGNALS = [
  signal("season", "season.started", "2027-03-09T15:00:00Z", { season: "spring" }),
  signal("late", "payment.late", "2027-03-10T15:00:00Z", { due: "2027-03-05" }),
  signal("end", "policy.checked", "2027-03-11T16:00:00Z"),
];
const lines = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");

beforeAll(() => {
  cpSync(join(import.meta.dirname, "..", "examples", "insurer"), workspace, { recursive: true });
  writeFileSync(join(workspace, "customers.jsonl"), lines([GIA]));
  writeFileSync(join(workspace, "signals.jsonl"), lines(SIGNALS));
});

/** Runs a command on the store of this test and returns its results. */
async function on(...words: readonly string[]): Promise<readonly string[]> {
  const { code, out, err } = await sentientHere(...words, "--data", data, "--json");
  expect({ code, words }, err).toEqual({ code: 0, words });
  return out;
}

test("a human stops or approves messages of a rule, a learned choice and plain words, and the records read alike", async () => {
  const run = await on("run", workspace);
  const asked = run.map((line) => JSON.parse(line) as Decision);
  expect(asked.map(({ action, experienceId }) => [action, experienceId])).toEqual([
    ["await_approval", "tip-checklist"],
    ["await_approval", "payment-plan"],
    ["await_approval", "renewal-notice"],
  ]);
  const shapes = asked.map(({ candidates }) => Object.keys(candidates.find(({ verdict }) => verdict === "chosen") ?? {}).sort());
  expect(new Set(shapes.map(String)).size).toBe(1);

  const approvals = JSON.parse((await on("approvals", "list")).join("")) as readonly { approvalId: string; experienceId: string }[];
  const idOf = (experience: string) => approvals.find(({ experienceId }) => experienceId === experience)?.approvalId ?? "";
  await on("approvals", "reject", idOf("tip-checklist"));
  await on("approvals", "approve", idOf("renewal-notice"));
  await on("approvals", "reject", idOf("payment-plan"));

  const decisions = (await on("decisions", "list", "--customer", "c-gia")).map((line) => JSON.parse(line) as Decision);
  expect(decisions.flatMap((one) => (one.action === "deliver" ? [one.experienceId] : []))).toEqual(["renewal-notice"]);
  // The film that the list had beaten may be approved now; the two refused ones may not.
  const last = decisions.at(-1);
  const refusals = (last?.candidates ?? []).map(({ experienceId, reasons }: Candidate) => [
    experienceId,
    reasons[0]?.code,
    reasons[0]?.decidedBy,
  ]);
  expect(refusals).toContainEqual(["tip-checklist", "approval_rejected", "human"]);
  expect(refusals).toContainEqual(["payment-plan", "approval_rejected", "human"]);
});
