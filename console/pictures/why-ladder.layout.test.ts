import { expect, test } from "vitest";
import { layoutLadder, type Rung } from "./why-ladder.layout.ts";

const rung = (id: Rung["id"], state: Rung["state"], says = "it is approved"): Rung => ({
  id,
  state,
  says,
  question: `Is ${id}?`,
  details: [],
});
const RUNGS = [rung("catalogue", "yes"), rung("paused", "no", "paused by ann"), rung("moment", "not_reached", "")];

test("a rung below the other, the question with its word, the answer beneath", () => {
  const { rungs, height, width } = layoutLadder(RUNGS, 600);
  expect(rungs.map(({ id, question, says }) => [id, question.map(({ text }) => text), says.map(({ text }) => text)])).toEqual([
    ["catalogue", ["Is catalogue? yes"], ["it is approved"]],
    ["paused", ["Is paused? no"], ["paused by ann"]],
    ["moment", ["Is moment?"], []],
  ]);
  const places = rungs.map(({ y }) => y);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(width).toBe(600);
  expect(height).toBeGreaterThan(Math.max(...rungs.flatMap(({ question, says }) => [...question, ...says].map(({ y }) => y))));
});

test("the rail is broken behind the rung that stopped it", () => {
  expect(layoutLadder(RUNGS, 600).rails.map(({ isReached }) => isReached)).toEqual([true, false]);
});

test.each([320, 600, 1_200])("no line is longer than there is room at %i, and none lies on another", (width) => {
  const long = rung(
    "funnel",
    "no",
    `on 3 September 2026 it was held back at suppression: ${"a reason and another one ".repeat(8)}${"x".repeat(300)}`,
  );
  const { rungs } = layoutLadder([long, rung("arrived", "unknown")], width);
  const lines = rungs.flatMap(({ question, says }) => [...question, ...says]);
  expect(Math.max(...lines.map(({ text }) => text.length))).toBeLessThanOrEqual((width - 40) / 6.5);
  const places = lines.map(({ y }) => y);
  expect(new Set(places).size).toBe(places.length);
  expect(rungs[0]?.says.length).toBeLessThanOrEqual(6);
});

test("what does not fit ends with an ellipsis, and what hides is named", () => {
  const { rungs } = layoutLadder([rung("funnel", "no", `\u202e${"word ".repeat(300)}`)], 400);
  expect(rungs[0]?.says.at(-1)?.text).toMatch(/…$/);
  expect(rungs[0]?.says[0]?.text).toContain("[right-to-left override]");
});
