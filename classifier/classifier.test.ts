import { describe, expect, test } from "vitest";
import { calibrate, chooseThreshold, confidenceOf } from "./calibrate.ts";
import { learn } from "./classifier.ts";
import { wordsIn } from "./words.ts";

const { of, meaningsOf, clausesOf } = wordsIn();
const stemOf = (word: string) => of(word)[0]?.stem;
const wordsOf = (text: string) => of(text).map(({ word }) => word);

const LESSON = {
  examples: [
    ["where is my parcel", "delivery"],
    ["my order has not arrived", "delivery"],
    ["when will you ship it", "delivery"],
    ["the lamp is broken", "damage"],
    ["it arrived with a crack in it", "damage"],
    ["the zip is torn", "damage"],
    ["how do I get my money back", "refund"],
    ["please refund the price", "refund"],
    ["I want a refund", "refund"],
  ].map(([text = "", label = ""]) => ({ text, label })),
  outside: ["what a lovely day", "who won the match", "do you sell gift cards"],
};

describe("the best label", () => {
  const classifier = learn(LESSON);

  test.each([
    ["has my parcel been shipped", "delivery"],
    ["there are cracks in the lamp", "damage"],
    ["can you give me the money back", "refund"],
    ["refnud please, i want a refund", "refund"],
  ])("of %j is %s", (text, label) => {
    expect(classifier.best(text)?.label).toBe(label);
  });

  test("scores less for a text out of scope", () => {
    const inside = classifier.best("I would like a refund")?.evidence.own ?? 0;
    expect(inside).toBeGreaterThan(0);
    expect(classifier.best("who won the match yesterday")?.evidence.own ?? 0).toBeLessThan(0);
  });

  test("of a text in unknown words shares nothing with any example", () => {
    expect(classifier.best("xqzt blorf")?.evidence).toMatchObject({ known: 0, shared: 0 });
  });
});

test("the name of a label counts as one more example of it", () => {
  const classifier = learn({
    examples: [
      { text: "abc", label: "lost_card" },
      { text: "xyz", label: "wants-loan" },
      { text: "uvw", label: "openAccount" },
    ],
  });
  expect(["my card is lost", "a loan", "an account"].map((text) => classifier.best(text)?.label)).toEqual([
    "lost_card",
    "wants-loan",
    "openAccount",
  ]);
});

test("training is deterministic: the same lesson gives the same evidence, digit by digit", () => {
  const text = "my parcel arrived broken, I want a refund";
  expect(learn(LESSON).best(text)).toEqual(learn(LESSON).best(text));
});

test("without examples there is no answer", () => {
  expect(learn({ examples: [] }).best("hello")).toBeUndefined();
});

describe("calibration", () => {
  const evidence = (own: number) => ({ own, other: -1, known: 0.5, shared: 0.5 });

  test("gives the share of right answers among similar ones", () => {
    // Of texts that score 0, three of four are meant; of those that score -1, one of four.
    const judged = [0, 0, 0, 0, -1, -1, -1, -1].map((own, at) => ({ evidence: evidence(own), isRight: [0, 1, 2, 4].includes(at) }));
    const calibration = calibrate(Array.from({ length: 50 }, () => judged).flat());
    expect(confidenceOf(evidence(0), calibration)).toBeCloseTo(0.75, 2);
    expect(confidenceOf(evidence(-1), calibration)).toBeCloseTo(0.25, 2);
  });

  test("stays finite if right and wrong are separable", () => {
    const calibration = calibrate([1, 2, -1, -2].map((own) => ({ evidence: evidence(own), isRight: own > 0 })));
    expect(calibration.every(Number.isFinite)).toBe(true);
    expect(confidenceOf(evidence(2), calibration)).toBeGreaterThan(0.9);
  });
});

describe("the threshold", () => {
  const answers = [0.2, 0.4, 0.6, 0.8].map((confidence) => ({ confidence, isRight: confidence !== 0.4 }));

  test("loses no right answer if none may be lost", () => {
    expect(chooseThreshold(answers, 0)).toBe(0.2);
  });

  test("loses as many as allowed, counted over all answers", () => {
    expect(chooseThreshold(answers, 0.25)).toBe(0.6);
  });

  test("is zero if nothing was right", () => {
    expect(chooseThreshold([], 0.1)).toBe(0);
  });
});

describe("words", () => {
  test.each([
    ["I can't, won't & DON’T", ["i", "can", "not", "will", "not", "do", "not"]],
    ["it's $50 or 1234", ["it", "is", "$", "0", "or", "0"]],
    ["Straße été", ["straße", "été"]],
    ["!!!", []],
  ])("of %j", (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  test.each([
    ["cards", "card"],
    ["parties", "party"],
    ["boxes", "box"],
    ["status", "status"],
    ["moved", "move"],
    ["moving", "move"],
    ["stopped", "stop"],
    ["cancelling", "cancelled"],
  ])("%s and %s have one stem", (one, other) => {
    expect(stemOf(one)).toBe(stemOf(other));
  });

  test("that customers use as synonyms have one meaning", () => {
    const meaning = (word: string) => meaningsOf(word)[0]?.meaning;
    expect(meaning("reimbursement")).toBe(meaning("refund"));
    expect(meaning("refund")).not.toBe(meaning("invoice"));
  });
});

test.each([
  ["I moved house. Please cancel it!", ["I moved house", " Please cancel it"]],
  ["I moved house and I want to cancel", ["I moved house", "I want to cancel"]],
  ["cats and dogs", ["cats and dogs"]],
  ["it costs 3.50 today", ["it costs 3.50 today"]],
])("the clauses of %j", (text, clauses) => {
  expect(clausesOf(text).filter((clause) => clause.trim() !== "")).toEqual(clauses);
});
