import { expect, test } from "vitest";
import { exportedTraceId } from "./trace.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

test.each([
  ["01", TRACE],
  ["03", TRACE],
  ["00", undefined],
  ["02", undefined],
])("of a trace with the flags %s the exported id is %s", (flags, id) => {
  expect(exportedTraceId(`00-${TRACE}-00f067aa0ba902b7-${flags}`)).toBe(id);
});

test("without tracing there is no id", () => {
  expect(exportedTraceId(undefined)).toBeUndefined();
});
