import { expect, test } from "vitest";
import type { Decision } from "../../domain/entities/decision.ts";
import type { StreamResult } from "../../engine/run-stream.ts";
import type { Workspace } from "../../workspace/load.ts";
import { createPaint } from "../io.ts";
import { summaryOf, tally } from "./run-summary.ts";

test("a delivery that was cancelled or has failed is not counted as sent on its channel", () => {
  const totals = { byAction: {}, byExperience: {}, byChannel: {} };
  const deliveries = ["sent", "delivered", "uncertain", "cancelled", "failed"].map((status) => ({ channel: "email", status }));
  tally({ action: "deliver", deliveries } as unknown as Decision, totals);
  expect(totals).toEqual({ byAction: { deliver: 1 }, byExperience: {}, byChannel: { email: 3 } });
});

test("a run that decided nothing has a table without empty lines", () => {
  const result = { signals: 0, timers: 0, decisions: 0, clock: Number.NEGATIVE_INFINITY } as StreamResult;
  const tallied = { byAction: {}, byExperience: {}, byChannel: {} };
  const lines = summaryOf({ policy: { name: "Shop" } } as Workspace, result, tallied, 2_000, createPaint(false));
  expect(lines).toEqual(["", "Shop: 0 signals and 0 timers, 0 decisions", "  (silence)  0", "  nothing was sent; 2.0 s, 0 wakes a second"]);
});
