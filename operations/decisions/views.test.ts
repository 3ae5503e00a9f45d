import { expect, test } from "vitest";
import { worstOf } from "./views.ts";

test.each([
  [["sent"], "sent"],
  [["delivered", "sent"], "sent"],
  [["delivered", "bounced"], "failed"],
  [["uncertain", "sent"], "uncertain"],
  [["failed", "uncertain"], "failed"],
  [["reserved", "sent"], "on its way"],
  [["sending"], "on its way"],
  [["recorded", "sent"], "sent"],
  [["recorded", "failed"], "failed"],
  [["cancelled"], "cancelled"],
  [["cancelled", "sent"], "sent"],
] as const)("deliveries that are %o make a decision's message %s", (statuses, wanted) => {
  expect(worstOf(statuses)).toBe(wanted);
});
