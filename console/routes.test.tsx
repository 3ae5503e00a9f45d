import { expect, test } from "vitest";
import { PERMISSIONS } from "../domain/identity/roles.ts";
import { createConsoleRouter, parseSearch, writeSearch } from "./routes.tsx";
import { paused } from "./shell/banner.tsx";
import { atBottom, NAVIGATION, openTo, type Section } from "./shell/navigation.ts";

const places = NAVIGATION.flatMap((section) => section.places);

test("every place of the navigation has a route, and a key of its own", () => {
  const paths = Object.keys(createConsoleRouter("/console").routesByPath);
  expect(places.filter(({ to }) => !paths.includes(to))).toEqual([]);
  expect(new Set(places.map(({ key }) => key)).size).toBe(places.length);
});

test("every page can be loaded", async () => {
  const routes = Object.values(createConsoleRouter("/console").routesByPath);
  for (const { options } of routes) {
    const { component } = options as { readonly component?: { readonly preload?: () => Promise<void> } };
    await component?.preload?.();
  }
  expect(routes.length).toBeGreaterThan(1);
});

test.each([
  ["?customer=c-dana&limit=5&q=1e3", { customer: "c-dana", limit: "5", q: "1e3" }],
  ["", {}],
  ["?a=%E4%BC%8A+b&b=__proto__", { a: "伊 b", b: "__proto__" }],
])("the search %s is text, and is written as it was read", (text, wanted) => {
  expect(parseSearch(text)).toEqual(wanted);
  expect(parseSearch(writeSearch(wanted))).toEqual(wanted);
});

test("filters without a value are not in the address", () => {
  expect(writeSearch({ a: undefined, b: "", c: 3, d: "x" })).toBe("?d=x");
});

const place = (to: string, permission: (typeof PERMISSIONS)[number]) => ({ to, title: to, icon: "more", key: to, permission }) as const;
const sections: readonly Section[] = [
  { title: "Now", places: [place("/", "read")] },
  { title: "Work", places: [place("/tasks", "task"), place("/approvals", "read")] },
  { title: "System", places: [place("/settings", "admin")] },
];

test("what a person may not open is absent, and a section without pages as well", () => {
  expect(
    openTo((permission) => permission === "read", sections).map(({ title, places: open }) => [title, open.map(({ to }) => to)]),
  ).toEqual([
    ["Now", ["/"]],
    ["Work", ["/approvals"]],
  ]);
  expect(openTo(() => false, sections)).toEqual([]);
});

test("a phone has now, tasks and people at its bottom, as far as they are there", () => {
  expect(atBottom(sections).map(({ to }) => to)).toEqual(["/", "/tasks"]);
});

test("every place names a permission that exists", () => {
  expect(places.filter(({ permission }) => !PERMISSIONS.includes(permission))).toEqual([]);
});

test.each([
  [{ scope: "all" } as const, "everything"],
  [{ scope: "channel", name: "sms" } as const, "channel sms"],
])("a pause %o is called %s", (pause, words) => {
  expect(paused(pause)).toBe(words);
});
