import { expect, test } from "vitest";
import { beginsSequence, bindingOf, takesKeys } from "./keys.ts";
import { DEFAULTS, parsePreferences } from "./preferences.ts";
import { neighboursOf } from "./walk.ts";

const nothing = (): void => {};
const bound = { j: nothing, "g d": nothing, "Mod+k": nothing, "?": nothing, off: undefined };

test.each([
  ["a key", { key: "j" }, undefined, "j"],
  ["a key that is not bound", { key: "q" }, undefined, undefined],
  ["the second of two", { key: "d" }, "g", "g d"],
  ["the second of two without the first", { key: "d" }, undefined, undefined],
  ["a key after one that begins nothing", { key: "j" }, "g", "j"],
  ["with control", { key: "K", ctrlKey: true }, undefined, "Mod+k"],
  ["with command", { key: "k", metaKey: true }, undefined, "Mod+k"],
  ["a browser's own: control and j", { key: "j", ctrlKey: true }, undefined, undefined],
  ["with alt", { key: "j", altKey: true }, undefined, undefined],
  ["a sign", { key: "?" }, undefined, "?"],
])("bindings: %s", (_, pressed, before, wanted) => {
  expect(bindingOf(pressed, before, bound)).toBe(wanted);
});

test("g waits for a second key, j does not", () => {
  expect([beginsSequence("g", bound), beginsSequence("j", bound)]).toEqual([true, false]);
});

test.each([
  ["INPUT", false, true],
  ["TEXTAREA", false, true],
  ["SELECT", false, true],
  ["DIV", true, true],
  ["A", false, false],
])("keys belong to %s (editable: %s): %s", (tagName, isContentEditable, wanted) => {
  expect(takesKeys({ tagName, isContentEditable })).toBe(wanted);
});

test.each([
  [null, DEFAULTS],
  ["not JSON", DEFAULTS],
  ["null", DEFAULTS],
  ['{"theme":"pink","zone":3,"keys":"no"}', DEFAULTS],
  ['{"theme":"dark","zone":"utc","keys":false,"rows":200}', { theme: "dark", zone: "utc", keys: false, rows: 200 }],
  ['{"rows":1000000}', DEFAULTS],
])("stored preferences %s", (text, wanted) => {
  expect(parsePreferences(text)).toEqual(wanted);
});

const list = (...addresses: readonly string[]): string => JSON.stringify({ from: "/tasks?queue=desk", addresses });

test.each([
  ["/b", list("/a", "/b", "/c"), { list: "/tasks?queue=desk", previous: "/a", next: "/c" }],
  ["/a", list("/a", "/b"), { list: "/tasks?queue=desk", next: "/b" }],
  ["/x", list("/a", "/b"), {}],
  ["/a", "{", {}],
  ["/a", null, {}],
  ["/a", "null", {}],
  ["/a", '["/a"]', {}],
  ["/a", '{"from":"https://elsewhere.example","addresses":["/a"]}', {}],
])("the neighbours of %s in %s", (address, text, wanted) => {
  expect(neighboursOf(address, text)).toEqual(wanted);
});
