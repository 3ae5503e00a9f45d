import { expect, test } from "vitest";
import type { Dataset } from "./data.ts";
import { figuresOf, type Heard, hearIn, weighed, workspacesIn } from "./workspaces.ts";

const one = (more: Partial<Heard>): Omit<Heard, "weight"> => ({
  ...{ kind: "inside", confidence: 0.9, isRight: true, opensRight: true, opensWrong: false, ...more },
});

test("the error of a confidence is its distance from the share of right answers, bin by bin", () => {
  const sure = [true, true, true, false].map((isRight) => one({ isRight, opensRight: isRight, opensWrong: !isRight }));
  const unsure = one({ confidence: 0.25, isRight: false, opensRight: false });
  const { accuracy, confidence, error, opensRight, opensWrong } = figuresOf(
    weighed([[...sure, unsure, one({ kind: "far", opensWrong: true })]]),
  );
  expect([accuracy, opensRight, opensWrong.inside, opensWrong.far]).toEqual([0.6, 0.6, 0.2, 1].map((share) => expect.closeTo(share)));
  expect(confidence).toBeCloseTo(0.77);
  expect(error).toBeCloseTo((4 / 5) * 0.15 + (1 / 5) * 0.25);
});

test("cells weigh the same, however many texts they have", () => {
  const right = [1, 2, 3].map(() => one({}));
  expect(figuresOf(weighed([right, [one({ isRight: false })]])).accuracy).toBeCloseTo(0.5);
});

test("workspaces of the two halves share no text, and what is asked is in no example", () => {
  const texts = (name: string, label: string) => Array.from({ length: 40 }, (_, at) => ({ text: `${name} ${label} number ${at}`, label }));
  const set = (name: string): Dataset => ({
    name,
    train: { inside: ["a", "b", "c"].flatMap((label) => texts(name, label)), outside: texts(name, "outside").map(({ text }) => text) },
    validation: { inside: [], outside: [] },
  });
  const of = (half: "tuning" | "unseen") => [...workspacesIn([set("one"), set("two")], half, [2])].slice(0, 2);
  const asked = (half: "tuning" | "unseen") => new Set(of(half).flatMap((workspace) => workspace.asked.map(({ text }) => text)));
  expect([...asked("tuning")].filter((text) => asked("unseen").has(text))).toEqual([]);
  const [workspace] = of("unseen");
  const learned = new Set(workspace?.classify.learnedFrom());
  expect(workspace?.asked.filter(({ text, kind }) => kind === "inside" && learned.has(text))).toEqual([]);
  expect(new Set(workspace && hearIn(workspace).map(({ kind }) => kind))).toEqual(new Set(["inside", "near", "far", "outside"]));
});
