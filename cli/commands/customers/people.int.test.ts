import { describe, expect, test } from "vitest";
import { commandsOnBoth, PLACES } from "../../../testing/typed/commands-on-both.ts";
import type { TypedOptions } from "../../../testing/typed/typed-command.ts";
import { DONE } from "../../command.ts";

const SETTINGS = `timezone: UTC
learning: {explore: none}
departments: [sales, marketing]
channels: {box: {kind: file, address: none}, desk: {kind: human, queue: showroom}}
governance: {consent: {box: opt_out}, caps: [{id: day, max: 1, window: 1d}]}
moments: {m: {on: go, expires: 1d}, v: {on: human.touch, when: 'signal.data.kind == "visit"', expires: 2h}}
`;
const EXPERIENCES = [
  "id: a\nserves: [m]\ndepartment: sales\nvalue: 200\nchannels: {box: {text: Hello}}\n",
  "id: b\nserves: [m]\ndepartment: marketing\nchannels: {box: {text: News}}\n",
  "id: w\nserves: [v]\nchannels: {desk: {summary: Somebody is here}}\n",
];
const SIGNALS = ["10", "11"].map((hour) => ({
  ...{ specversion: "1.0", source: "web", type: "go", id: hour, subject: "ann", time: `2026-06-01T${hour}:00:00Z` },
  data: { traits: { firstName: "Ann", lastName: "Lee" } },
}));

const { type, settled } = commandsOnBoth({
  ...{ settings: SETTINGS, experiences: EXPERIENCES, signals: SIGNALS },
  served: SIGNALS.map(({ time: _, ...signal }) => signal),
});

describe.each(PLACES)("on %s", (name) => {
  const run = (command: string, words: readonly string[], more: TypedOptions = {}) => type(name, command, words, more);

  test("customers list shows each with their last decision", async () => {
    const { status, out } = await run("customers list", []);
    expect([status, out]).toEqual([DONE, expect.stringMatching(/^ann {2}Ann Lee {2}.*defer a {2}at a cap/)]);
    expect(JSON.parse((await run("customers list", [], { json: true })).out)).toMatchObject([{ customerId: "ann", name: "Ann Lee" }]);
    expect(await run("customers list", [], { flag: "open-case" })).toEqual({ status: DONE, out: "", noted: "no customers with open case" });
  });

  test("customers search finds a customer by name and by id", async () => {
    for (const text of ["lee", "an"]) expect((await run("customers search", [text])).out).toBe("customer  ann  Ann Lee");
    expect(JSON.parse((await run("customers search", ["ann"], { json: true })).out)).toMatchObject([
      { kind: "customer", id: "ann", by: "id" },
    ]);
    expect((await run("customers search", ["nothing"])).noted).toContain("nothing found");
  });

  test("customers story tells what was decided, what was held back and what a department alone would have sent", async () => {
    const { out } = await run("customers story", ["ann"]);
    expect(out).toMatch(/^Ann Lee · ann\n/);
    expect(out).toMatch(/customer {2,}· said/);
    expect(out).toMatch(/marketing {2}✗ held back {2}b {2,}0\.5 against 100 of a/);
    expect(out).toMatch(/sales {2,}◷ waits {2,}a .*day: 1 in 1d, 1 used/);
    expect(out).not.toContain("┄ alone");
    expect((await run("customers story", ["ann"], { alone: true })).out).toMatch(/marketing {2}┄ alone {2,}b by box/);
    expect(JSON.parse((await run("customers story", ["ann"], { json: true })).out)).toMatchObject({
      customerId: "ann",
      departments: ["sales", "marketing"],
    });
  });

  test("touch records a contact once by its key, and the customer is decided again", async () => {
    const touch = { kind: "visit", department: "sales", key: "desk-0001", by: "gus" } as const;
    expect((await run("touch", ["ann"], touch)).out).toMatch(/^a visit of ann is recorded by gus/);
    await settled();
    expect((await run("touch", ["ann"], touch)).out).toBe("a visit of ann was recorded before; nothing changed");
    const story = (await run("customers story", ["ann"])).out;
    expect(story).toMatch(/people {5}● met {3,}visit {2,}by gus/);
    expect(story).toMatch(/people {5}◆ task {2,}showroom: Somebody is here/);
  });
});
