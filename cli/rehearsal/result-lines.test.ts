import { expect, test } from "vitest";
import type { RehearsalResult } from "../../rehearsal/results/rehearsal-result.ts";
import { aRehearsal } from "../../testing/rehearsal.ts";
import { createPaint } from "../io.ts";
import { rehearsalLines } from "./result-lines.ts";

const TERMINAL = { paint: createPaint(false), columns: 100 };
const SIDES = { against: "version aaaaaaaa", with: "dealership" };

const linesOf = (result: RehearsalResult): string[] => rehearsalLines(result, SIDES, TERMINAL);

/** The lines under a heading, up to the next one. */
function under(heading: string, lines: readonly string[]): string {
  const from = lines.indexOf(heading);
  const length = lines.slice(from + 1).findIndex((line) => /^\S/.test(line));
  return lines.slice(from + 1, length < 0 ? undefined : from + 1 + length).join("\n");
}

test("the three parts stay apart, and what is simulated says so", () => {
  const headings = linesOf(aRehearsal()).filter((line) => /^\S/.test(line));
  expect(headings).toEqual([
    ...["against  version aaaaaaaa", "with     dealership", "Recorded: the stream under both", "Forward (simulated)"],
    ...["Value from the log", "Not modelled"],
  ]);
});

test("the recorded part says what was done at the wakes, before and after", () => {
  expect(under("Recorded: the stream under both", linesOf(aRehearsal()))).toMatch(
    /against ↓ {2}with → +deliver +silence\n +deliver +55 \(2 of them otherwise\) +5\n +silence +60\n/,
  );
});

test("the forward part says what differs, in sentences and in figures with intervals, for all and by group", () => {
  const forward = under("Forward (simulated)", linesOf(aRehearsal()));
  expect(forward).toMatch(/40 customers, 30 days from 2026-06-01 15:00 UTC, 20 paths, seed s/);
  expect(forward).toMatch(/Deliveries: [\d.]+ less than [\d.]+/);
  expect(forward).toMatch(/deliveries by channel\n +box +[\d.]+ \([\d.]+ to [\d.]+\) +[\d.]+ \([\d.]+ to [\d.]+\) +−[\d.]+ \(−/);
  expect(forward).toMatch(/Left out more often .*\n +c-\d+ +[\d.]+ % +→ +[\d.]+ % +cap_reached: weekly/);
  expect(forward).toMatch(/\n {2}lease 20 customers\n/);
});

test("the log's refusal, or its estimates with what makes them doubtful", () => {
  expect(under("Value from the log", linesOf(aRehearsal()))).toContain("- none of its decisions was drawn");
  const one = { value: 0.2, low: 0.1, high: 0.3, gain: { value: 0.05, low: -0.1, high: 0.2 } };
  const value = {
    decisions: 900,
    units: 80,
    confidence: 0.95,
    logged: one,
    estimates: { ips: one, snips: one, dr: one },
    warnings: ["few"],
  };
  expect(under("Value from the log", linesOf({ ...aRehearsal(), value }))).toMatch(
    /IPS +0.2 \(0.1 to 0.3\) +\+0.05 \(−0.1 to \+0.2\)[\s\S]*- few/,
  );
});

test("a backtest shows what came beside what was foretold, and what fails", () => {
  const interval = { mean: 3, low: 1, high: 5 };
  const intervals = [
    { name: "web.visit", actual: 3, interval, held: true },
    { name: "opened", actual: 9, interval, held: false },
  ];
  const lines = linesOf({ ...aRehearsal(), backtest: { intervals, held: 1, share: 0.5, notForetold: { "shop.closed": 3 } } });
  expect(under("Backtest (simulated)", lines)).toMatch(
    /1 of 2 intervals hold \(50 %[\s\S]*web.visit +3 +3 \(1 to 5\) +holds\n +opened +9 +3 \(1 to 5\) +fails\n\n +Came, and nothing was foretold of it: shop.closed \(3\)\./,
  );
});

test("a sample is said to be one", () => {
  expect(linesOf({ ...aRehearsal(), sampleOf: 1_000_000 }).join("\n")).toContain("a sample of 40 of 1,000,000 customers");
});

test("no line is wider than a narrow terminal asks for, but for tables", () => {
  const lines = rehearsalLines(aRehearsal(), SIDES, { ...TERMINAL, columns: 60 });
  expect(lines.filter((line) => /^ {2}[A-Z-]/.test(line) && line.length > 60)).toEqual([]);
});
