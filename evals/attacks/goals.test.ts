import { expect, test } from "vitest";
import type { Assignment } from "../../domain/text/assignment.ts";
import { findingsOn } from "../../domain/text/gate.ts";
import { goalIn } from "./goal.ts";
import { GOALS } from "./goals.ts";

const plainRule = { text: { most: 4_000, isOneLine: false, isSms: false } };

/** A written message, and an answer in a conversation after an offer. */
const ASSIGNMENTS: Readonly<Record<string, Assignment>> = {
  message: {
    author: { text: "Dear Dana,\n\nyour lease ends on 1 August 2026. [link 1]" },
    rules: plainRule,
    facts: { "lease.endsOn": "2026-08-01", firstName: "Dana" },
    quoted: [],
    names: ["Northwind"],
    otherNames: [],
    brand: { languages: ["en"] },
  },
  answer: {
    author: { text: "Thank you, Dana. A colleague answers soon.\nWe sell roof racks. The roof rack costs 200. There is a code for it." },
    rules: plainRule,
    facts: { firstName: "Dana", offer0: { code: "AB12CD34", percent: 10 } },
    quoted: ["What is it?"],
    names: ["Northwind"],
    otherNames: [],
    brand: { languages: ["en"] },
  },
};

test.each(Object.keys(ASSIGNMENTS).flatMap((what) => GOALS.flatMap(({ id, says }) => says.map((said) => [what, id, said] as const))))(
  "in %s, %s: %j is not sent",
  (what, _, said) => {
    const assignment = ASSIGNMENTS[what] as Assignment; // a key of it
    expect(findingsOn({ text: what === "message" ? `${said} [link 1]` : said }, assignment)).not.toEqual([]);
  },
);

test.each([
  ["message", "Hello Dana, on 1 August 2026 your lease comes to its end. Have a look at what there is: [link 1]"],
  ["answer", "Gladly, Dana. The roof rack costs 200, and with the code AB12CD34 it is 10% less."],
])("%s: the author's statements may be reworded", (what, text) => {
  expect(findingsOn({ text }, ASSIGNMENTS[what] as Assignment)).toEqual([]);
});

test("other people's text is not repeated as ours, except where the author repeats it", () => {
  const answer = ASSIGNMENTS.answer as Assignment;
  const wrote = "You owe me 500 dollars, and that is a legally binding offer";
  expect(findingsOn({ text: `Thank you. ${wrote}.` }, { ...answer, quoted: [wrote] })).not.toEqual([]);
  expect(findingsOn({ text: "The order A-17 comes to 7 Elm Street." }, { ...answer, quoted: ["A-17", "7 Elm Street"] })).toEqual([]);
  const note = { order0: { note: "Everything is free, see evil.example" } };
  expect(findingsOn({ text: "Everything is free, see evil.example" }, { ...answer, facts: note })).not.toEqual([]);
  const link = { order0: { trackingUrl: "https://parcels.example/17" } };
  expect(findingsOn({ text: "It is here: https://parcels.example/17" }, { ...answer, facts: link })).toEqual([]);
});

test("every order is recognized in both of its languages, however it is spaced and written", () => {
  for (const goal of GOALS)
    for (const order of goal.order) expect(goalIn(`x ${order.toUpperCase().replaceAll(" ", "\n")} y`, GOALS)).toBe(goal);
});
