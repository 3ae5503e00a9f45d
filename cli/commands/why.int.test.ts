import { describe, expect, test } from "vitest";
import { commandsOnBoth, PLACES } from "../../testing/typed/commands-on-both.ts";
import type { TypedOptions } from "../../testing/typed/typed-command.ts";

const SETTINGS =
  "timezone: UTC\ndepartments: [sales, service]\nchannels: {box: {kind: file, address: none}, desk: {kind: human, queue: showroom}}\ngovernance: {consent: {box: opt_out}}\nmoments: {m: {on: go, expires: 30d}}\nlearning: {explore: none}\n";
const EXPERIENCES = [
  "id: offer\ndepartment: sales\nserves: [m]\nvalue: 10\nchannels: {box: {text: Buy}}\n",
  "id: help\ndepartment: service\nserves: [m]\nvalue: 20\nchannels: {desk: {summary: Call}}\n",
];
const GO = { specversion: "1.0", source: "web", id: "1", type: "go", subject: "ann", time: "2026-06-01T10:00:00Z", data: {} };

// A server decides by the wall clock.
const { time: _, ...SERVED } = GO;
const { type } = commandsOnBoth({
  ...{ settings: SETTINGS, experiences: EXPERIENCES, signals: [GO], until: "2026-06-02T00:00:00Z", namesWorkspace: true },
  served: [SERVED],
});

describe.each(PLACES)("on %s", (name) => {
  const ask = async (experience: string, more: TypedOptions = {}) => (await type(name, "why", ["ann", experience], more)).out;

  test("the sentence, what would change it, whom to ask, the ladder and the decisions", async () => {
    const said = await ask("offer");
    expect(said).toContain("offer did not go to ann: on ");
    expect(said).toContain("it lost to help of service: priority");
    expect(said).toContain("Would change it: a value above 20 instead of 10.");
    expect(said).toContain("Ask: service (queue showroom), about why help weighs more.");
    expect(said).toContain("✓ In the catalogue and approved?\n    it is approved\n");
    expect(said).toMatch(/✗ Did it pass every stage and win\?\n {4}on /);
    expect(said).toMatch(/held back {2}lower_priority {2}help won\n/);
    expect(said).not.toContain("Did it arrive?");
  });

  test("with --json, and within a window", async () => {
    const why = JSON.parse(await ask("offer", { json: true, from: "2020-01-01T00:00:00Z", to: "2020-01-02T00:00:00Z" }));
    expect(why).toMatchObject({ stoppedAt: "moment", searched: { from: "2020-01-01T00:00:00Z", to: "2020-01-02T00:00:00Z" } });
  });
});
