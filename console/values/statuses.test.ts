import { expect, test } from "vitest";
import { ListedCallView, ListedDeliveryView } from "../../operations/monitoring/views.ts";
import { CALL_MARKS, DELIVERY_MARKS, STATUS_WORDS } from "./statuses.ts";

test("every status of deliveries and calls has a mark and words", () => {
  const [deliveries, calls] = [ListedDeliveryView.shape.status.options, ListedCallView.shape.status.options];
  expect(Object.keys(DELIVERY_MARKS).sort()).toEqual([...deliveries].sort());
  expect(Object.keys(CALL_MARKS).sort()).toEqual([...calls].sort());
  expect(Object.keys(STATUS_WORDS).sort()).toEqual([...new Set([...deliveries, ...calls])].sort());
});
