import { expect, test } from "vitest";
import type { Reason } from "../../domain/entities/decision.ts";
import type { Message } from "../../domain/story/compare-departments.ts";
import { kindOf } from "./demo-reasons.ts";

test("of two reasons of a kind the one that ends later is told, within one second as well", () => {
  const until = (detail: string, retryAt?: string): Reason => ({
    ...{ code: "suppressed", decidedBy: "rule", detail },
    ...(retryAt === undefined ? {} : { retryAt }),
  });
  const told = (...reasons: Reason[]): string => kindOf({ alone: { reasons } } as unknown as Message);
  const [whole, within] = [until("whole", "2026-06-01T15:00:57Z"), until("within", "2026-06-01T15:00:57.202Z")];
  expect([told(whole, within), told(within, whole)]).toEqual(["within", "within"]);
  expect([told(until("endless"), whole), told(whole, until("endless"))]).toEqual(["whole", "whole"]);
});
