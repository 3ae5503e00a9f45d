import { expect, test } from "vitest";
import { type Counted, createTotals } from "./totals.ts";

const deliver = (experienceId: string, ...statuses: Counted["deliveries"][number]["status"][]): Counted => ({
  ...{ action: "deliver", experienceId, reasons: [{ code: "eligible", decidedBy: "rule" }] },
  deliveries: statuses.map((status) => ({ channel: "email", status })),
});

test("recorded totals count what was sent, by experience, channel and department, and silences by code", () => {
  const { note, totals } = createTotals((experienceId) => (experienceId === "news" ? "marketing" : undefined));
  note(deliver("news", "sent"));
  note(deliver("news", "cancelled"));
  note(deliver("news", "failed"));
  note(deliver("note", "bounced"));
  const capped = { code: "cap_reached", decidedBy: "rule" } as const;
  note({ action: "silence", reasons: [capped, capped, { code: "suppressed", decidedBy: "rule" }], deliveries: [] });
  note({ action: "defer", experienceId: "news", reasons: [capped], deliveries: [] });
  expect(totals()).toEqual({
    deliveries: 2,
    byExperience: { news: 1, note: 1 },
    byChannel: { email: 2 },
    byDepartment: { marketing: 1, none: 1 },
    silences: { cap_reached: 1, suppressed: 1 },
  });
});
