import { describe, expect, test } from "vitest";
import { commandsOnBoth, PLACES } from "../../testing/typed/commands-on-both.ts";
import type { TypedOptions } from "../../testing/typed/typed-command.ts";
import { DONE } from "../command.ts";

const SETTINGS =
  "timezone: UTC\nchannels: {box: {kind: file, address: none}}\ngovernance: {consent: {box: opt_out}}\nmoments: {mended: {on: case.closed, expires: 1d}}\n";
const EXPERIENCE = "id: after\nserves: [mended]\nchannels: {box: {text: Is it mended?}}\n";
const SIGNALS = [
  { id: "1", subject: "ann", time: "2026-06-01T10:00:00Z", data: { caseId: 17, subject: "brakes" } },
  { id: "2", subject: "bob", time: "2026-06-01T11:30:00Z", data: { caseId: "K-1" } },
].map((one) => ({ specversion: "1.0", source: "desk", type: "case.opened", ...one }));

const { type, settled } = commandsOnBoth({
  settings: SETTINGS,
  experiences: [EXPERIENCE],
  signals: SIGNALS,
  until: "2026-06-01T12:00:00Z",
});

describe.each(PLACES)("W10: sentient cases on %s", (name) => {
  const typed = (command: string, words: readonly string[] = [], more: TypedOptions = {}) => type(name, command, words, more);

  test("W10: lists open cases, closes one as the signal does, and shows it as closed", async () => {
    expect(await typed("cases list")).toEqual({
      ...{ status: DONE, noted: "" },
      out: "17   open since 2026-06-01 10:00  ann  brakes\nK-1  open since 2026-06-01 11:30  bob",
    });
    expect((await typed("cases list", [], { customer: "bob" })).out).toBe("K-1  open since 2026-06-01 11:30  bob");
    const closed = await typed("cases close", ["ann", "17"], { by: "olga", note: "mended" });
    expect(closed).toMatchObject({ status: DONE, out: expect.stringContaining("case 17 of ann is closed") });
    expect(JSON.parse((await typed("cases list", [], { all: true, json: true })).out)).toMatchObject([
      { caseId: "K-1", customerId: "bob", state: "open" },
      { caseId: "17", customerId: "ann", subject: "brakes", state: "closed" },
    ]);
    expect((await typed("cases list", [], { all: true })).out).toMatch(/^17 +closed \d{4}-\d\d-\d\d \d\d:\d\d +ann +brakes$/m);
    expect(JSON.parse((await typed("audit list", [], { json: true })).out)).toMatchObject([
      { by: "olga", action: "case.closed", target: "17", customerId: "ann", details: { note: "mended" } },
    ]);
    await settled();
    const decided = await typed("decisions list", [], { customer: "ann", json: true });
    expect(JSON.parse(decided.out)).toMatchObject({ action: "deliver", experienceId: "after" });
  });

  test("W10: refuses a case that is closed, or that the customer does not have, and names the open ones", async () => {
    await expect(typed("cases close", ["ann", "17"])).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringMatching(/^case 17 was closed at .*; none is open$/),
    });
    await expect(typed("cases close", ["bob", "17"])).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: "bob has no case 17; open: K-1",
    });
    await typed("cases close", ["bob", "K-1"]);
    expect(await typed("cases list")).toEqual({ status: DONE, out: "", noted: "no cases are open; --all also shows closed ones" });
  });
});
