import { expect, test } from "vitest";
import type { Policy, TextVectors } from "../domain/entities/policy.ts";
import { aSignal } from "../testing/builders.ts";
import { policyOf } from "../testing/policy.ts";
import { learn } from "./classifier.ts";
import { learnNearness } from "./vectors.ts";

const POLICY = policyOf(
  `
  moments:
    cancel: {on: message.received, says: [I want to cancel my contract, please end my subscription, how do I terminate my plan], expires: 2d}
    moving: {on: message.received, says: [I moved house, please update my address, I have a new address], expires: 2d}
`,
  [],
);

const SUBJECTS = [/cancel|end my|terminate|kündig|leave you/i, /mov(e|ing)|address|wohnung/i];

/** Vectors of texts by the subjects that they are about, except of the texts that are left out. */
const vectorsOf = (left: (text: string) => boolean = () => false, key = "scripted"): TextVectors => ({
  key,
  of(text) {
    if (left(text)) return undefined;
    const values = [...SUBJECTS.map((subject) => (subject.test(text) ? 1 : 0)), 0.3];
    const norm = Math.hypot(...values);
    return Float32Array.from(values, (value) => value / norm);
  },
});

const heard = (text: string, vectors?: TextVectors, policy: Policy = POLICY) =>
  policy.classify(aSignal("message.received", { text }), vectors)?.map(({ name }) => name);

test("a text that means a moment in other words, or in another language, opens it by its vector", () => {
  for (const text of ["time for me to leave you folks", "ich kündige"]) {
    expect(heard(text)).toEqual([]);
    expect(heard(text, vectorsOf())).toEqual(["cancel"]);
  }
  expect(heard("the weather is nice", vectorsOf())).toEqual([]);
});

test("the texts that a vector is needed of: what is learned, once, and the parts of a text", () => {
  const learned = POLICY.classify.learnedFrom();
  expect(learned).toEqual([...new Set(learned)]);
  expect(learned).toEqual(
    expect.arrayContaining(["I moved house", "cancel", "moving", "where is my parcel, it should have been here by now"]),
  );
  const parts = (type: string, text: string) => POLICY.classify.partsOf(aSignal(type, { text }));
  expect(parts("message.received", "I moved house, and please end my subscription")).toEqual([
    "I moved house, and please end my subscription",
    "I moved house",
    "please end my subscription",
  ]);
  expect(parts("other.type", "I moved house")).toEqual([]);
});

test.each([
  ["of an example", (text: string) => text === "I moved house"],
  ["of the text", (text: string) => text.includes("leave you")],
  ["of any", () => true],
])("without the vector %s the text is read by its words, to the letter as without vectors", (_, left) => {
  for (const text of ["time for me to leave you folks", "please cancel my contract", "new address", "hello"]) {
    const signal = aSignal("message.received", { text });
    if (left(text) || left("I moved house")) {
      expect(POLICY.classify(signal, vectorsOf(left, `without ${_}`))).toEqual(POLICY.classify(signal));
      expect(POLICY.classify.weigh(signal, vectorsOf(left, `without ${_}`))).toEqual(POLICY.classify.weigh(signal));
      expect(POLICY.classify.sure(signal, vectorsOf(left, `without ${_}`))).toEqual(POLICY.classify.sure(signal));
    }
  }
});

test("vectors of another length for some texts are no vectors; another key is learned anew", () => {
  const mixed: TextVectors = { key: "mixed", of: (text) => (text === "I moved house" ? Float32Array.from([1]) : vectorsOf().of(text)) };
  expect(heard("time for me to leave you folks", mixed)).toEqual([]);
  expect(heard("time for me to leave you folks", vectorsOf(undefined, "again"))).toEqual(["cancel"]);
});

test("nearness is to the two nearest examples of a label, and to the middle of all of them", () => {
  const at = (degrees: number) => Float32Array.from([Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]);
  const space = { length: 2, of: (text: string) => (text === "unknown" ? undefined : at(Number(text))) };
  const near = learnNearness(space, ["0", "60", "120", "90", "90", "45"], [0, 0, 0, 1, 1, -1], 2);
  const cos = (degrees: number) => Math.cos((degrees * Math.PI) / 180);
  const { nearest, pull } = near.of("0") ?? { nearest: [], pull: [] };
  expect([...nearest]).toEqual([1, 0].map((value) => expect.closeTo(value, 5)));
  expect([...pull]).toEqual([(cos(0) + cos(60)) / 2 + cos(60) / 2, 0].map((value) => expect.closeTo(value, 5)));
  expect(near.of("unknown")).toBeUndefined();
});

test("nearness counts beside the score of a label: an example of its own has one of about 1 by itself", () => {
  const examples = [
    { label: "cancel", text: "I want to cancel my contract" },
    { label: "moving", text: "I moved house" },
  ];
  const own = (vectors?: TextVectors) => learn({ examples, vectors }).best("I want to cancel my contract")?.evidence.own;
  expect(own()).toBeLessThan(1.2);
  expect(own(vectorsOf())).toBeGreaterThan(2);
});

test("the nearest examples are those by meaning", () => {
  const [first] = POLICY.classify.weigh(aSignal("message.received", { text: "ich kündige" }), vectorsOf()) ?? [];
  expect(first?.examples[0]?.likeness).toBeGreaterThan(0.9);
});
