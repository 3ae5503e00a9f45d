import { expect, test } from "vitest";
import type { Decision } from "../../domain/entities/decision.ts";
import { tally } from "./run-summary.ts";

test("a delivery that was cancelled or has failed is not counted as sent on its channel", () => {
  const totals = { byAction: {}, byExperience: {}, byChannel: {} };
  const deliveries = ["sent", "delivered", "uncertain", "cancelled", "failed"].map((status) => ({ channel: "email", status }));
  tally({ action: "deliver", deliveries } as unknown as Decision, totals);
  expect(totals).toEqual({ byAction: { deliver: 1 }, byExperience: {}, byChannel: { email: 3 } });
});
