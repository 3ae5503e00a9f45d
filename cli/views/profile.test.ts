import { expect, test } from "vitest";
import { createPaint } from "../io.ts";
import { profileLines } from "./profile.ts";

test("a touch by a human is named once; a delivery has its channel", () => {
  const at = "2026-06-01T12:00:00Z";
  const empty = { fields: [], identities: [], gone: [], consents: [], moments: [], promises: [], openCases: [] };
  const touches = [
    { at, kind: "call", channel: "call", department: "sales" },
    { at, kind: "delivery", channel: "email" },
  ];
  const lines = profileLines({ ...empty, customerId: "ann", origin: { kind: "import", at }, touches }, createPaint(false));
  expect(lines.slice(lines.indexOf("Touches") + 1)).toEqual([
    "  2026-06-01 12:00  call             sales",
    "  2026-06-01 12:00  delivery  email",
  ]);
});
