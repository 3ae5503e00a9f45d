import { expect, test } from "vitest";
import type { AuditView } from "../../operations/views.ts";
import { newestFirst } from "./audit.tsx";

const entry = (target: string): AuditView => ({ at: "2026-06-01T00:00:00Z", by: "ann", action: "paused", target, details: {} });

test("pages of the audit, each in order of time, are shown newest first", () => {
  const pages = [{ audit: [entry("3"), entry("4")], next: "x" }, { audit: [entry("1"), entry("2")] }];
  expect(newestFirst(pages).map(({ target }) => target)).toEqual(["4", "3", "2", "1"]);
});
