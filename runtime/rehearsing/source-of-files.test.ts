import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MOST_ROWS, type RowsByCell } from "../../rehearsal/results/rows.ts";
import { type OpenWorkspace, openWorkspace } from "../open-workspace.ts";
import { playBoth } from "./play-both.ts";
import type { Source } from "./source.ts";
import { sourceOfFiles } from "./source-of-files.ts";

const DEALERSHIP = join(import.meta.dirname, "../../examples/dealership");
const folder = mkdtempSync(join(tmpdir(), "rehearsing-"));
afterAll(() => rmSync(folder, { recursive: true }));

let opened: OpenWorkspace;
let source: Source;

const sideOf = ({ workspace: { policy }, tools }: OpenWorkspace) => ({ policy, tools });

beforeAll(async () => {
  opened = await openWorkspace(DEALERSHIP, { environment: {} });
  const found = await sourceOfFiles(opened.workspace, sideOf(opened), { most: 1_000 });
  if (!found) throw new Error("it was not stopped");
  source = found;
});

test("the files of a workspace tell what was recorded, what was decided on it, and how things stand at its end", async () => {
  const { history, customers, decisions, at } = source;
  const start = await source.startFor(opened.workspace.policy);
  expect(history.customers.map(({ customerId }) => customerId)).toEqual(customers.map(({ customerId }) => customerId));
  expect(history.period).toEqual({ from: Date.parse("2026-02-03T11:00:00Z"), until: at, zone: "America/Chicago" });
  expect(start).toMatchObject({ at, customers: expect.arrayContaining([expect.objectContaining({ customerId: "c-dana" })]) });
  const sent = decisions.flatMap(({ deliveries }) => deliveries).filter(({ status }) => status === "sent" || status === "delivered");
  expect(history.deliveries.length).toBe(sent.length);
  expect(history.signals.some(({ type, data }) => type === "lease.updated" && data?.traits !== undefined)).toBe(true);
  expect(Object.keys(history.arms).every((arm) => !arm.startsWith("\n"))).toBe(true);
});

test("of more customers than are to be rehearsed a share is played, with what is theirs", async () => {
  const few = await sourceOfFiles(opened.workspace, sideOf(opened), { most: 3 });
  const start = await few?.startFor(opened.workspace.policy);
  expect([few?.customers.length, few?.history.population, start?.customers.length]).toEqual([3, customersIn(source), 3]);
});

test("both policies on the recorded stream: the same gives the same, and a stricter cap shows wake by wake", async () => {
  const side = sideOf(opened);
  const same = await playBoth(source, { against: side, with: side });
  expect(same).toMatchObject({ different: 0, wakes: source.decisions.length });
  const stricter = sideOf(await changed(/\{id: weekly, max: \d+/, "{id: weekly, max: 1"));
  const recorded = await playBoth(source, { against: side, with: stricter });
  expect(recorded?.with.deliveries).toBeLessThan(recorded?.against.deliveries ?? 0);
  expect(recorded?.different).toBeGreaterThan(10);
  expect(await playBoth(source, { against: side, with: stricter, isStopped: () => true })).toBeUndefined();
});

test("rows behind the recorded figures are as many as the figures, of each side; the matrix has every wake", async () => {
  const stricter = sideOf(await changed(/\{id: weekly, max: \d+/, "{id: weekly, max: 1"));
  let rows: RowsByCell = [];
  const both = { against: sideOf(opened), with: stricter };
  const recorded = await playBoth({ ...source, isStored: true }, { ...both, onRows: (all) => (rows = all) });
  if (!recorded) throw new Error("it was not stopped");
  const cells = new Map(rows);
  expect(recorded.matrix.reduce((sum, { count }) => sum + count, 0)).toBe(recorded.wakes);
  expect(recorded.matrix.reduce((sum, { different }) => sum + different, 0)).toBe(recorded.different);
  for (const cell of recorded.matrix) expect(cells.get(`${cell.against}>${cell.with}`)?.length).toBe(Math.min(cell.count, MOST_ROWS));
  for (const side of ["against", "with"] as const) {
    const { deliveries, byExperience, silences } = recorded[side];
    const rowsOf = (cell: string) => (cells.get(cell) ?? []).filter((row) => row.side === side || row.side === "both").length;
    expect(rowsOf("deliveries")).toBe(deliveries);
    for (const [id, count] of Object.entries(byExperience)) expect([id, rowsOf(`byExperience:${id}`)]).toEqual([id, count]);
    for (const [code, count] of Object.entries(silences))
      if (count <= MOST_ROWS) expect([code, rowsOf(`silences:${code}`)]).toEqual([code, count]);
  }
  const ids = new Set(source.decisions.map(({ decisionId }) => decisionId));
  expect((cells.get("deliver>silence") ?? []).length).toBeGreaterThan(0);
  for (const { decisionId } of cells.get("deliver>silence") ?? []) expect(ids).toContain(decisionId);
});

test("a folder without signals is nothing to rehearse from", async () => {
  const { workspace } = opened;
  const { signalsFile: _none, ...without } = workspace;
  await expect(sourceOfFiles(without, sideOf(opened), { most: 1 })).rejects.toThrow(/nothing to rehearse from: .* has no signals/);
  const empty = join(folder, "empty.jsonl");
  writeFileSync(empty, "");
  await expect(sourceOfFiles({ ...workspace, signalsFile: empty }, sideOf(opened), { most: 1 })).rejects.toThrow(
    /nothing to rehearse from/,
  );
});

test("lines that cannot be used are told", async () => {
  const broken = join(folder, "broken.jsonl");
  writeFileSync(broken, `${readFileSync(opened.workspace.signalsFile ?? "", "utf8")}{"no":"signal"}\n`);
  const warnings: string[] = [];
  const options = { most: 1, onWarning: (text: string) => void warnings.push(text) };
  await sourceOfFiles({ ...opened.workspace, signalsFile: broken }, sideOf(opened), options);
  expect(warnings).toEqual(["1 line of signals.jsonl cannot be used and is left out"]);
});

// --- internal ---

const customersIn = ({ history }: Source): number => history.population;

/** The dealership with one change of its settings. */
function changed(from: RegExp, to: string): Promise<OpenWorkspace> {
  const dir = join(folder, "changed");
  cpSync(DEALERSHIP, dir, { recursive: true });
  const file = join(dir, "sentient.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace(from, to));
  return openWorkspace(dir, { environment: {} });
}
