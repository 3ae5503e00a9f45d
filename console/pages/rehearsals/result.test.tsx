import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { RehearsalResult } from "../../../rehearsal/results/rehearsal-result.ts";
import { aRehearsal } from "../../../testing/rehearsal.ts";
import { Result } from "./result.tsx";

/** The result of invented plays, as a page shows it. */
async function shown(given: Parameters<typeof aRehearsal>[0] = {}, more: Partial<RehearsalResult> = {}): Promise<string> {
  const { recorded, forward, value, policies, ...rest } = { ...aRehearsal(given), ...more };
  const version = "a".repeat(64);
  const request = { with: { version }, against: version, days: 30, paths: 20, customers: 100, seed: "s" };
  const result = JSON.parse(JSON.stringify({ ...rest, recorded, forward, value, policies }));
  const root = createRootRoute({ component: () => <Result rehearsalId="reh_1" request={request} result={result} asked="" /> });
  const router = createRouter({ routeTree: root, history: createMemoryHistory({ initialEntries: ["/console/"] }), basepath: "/console" });
  await router.load();
  return renderToStaticMarkup(
    <QueryClientProvider client={new QueryClient()}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
}

/** Parts of the page by their headings. */
const partsOf = (html: string): Map<string, string> =>
  new Map(
    html
      .split("<section ")
      .slice(1)
      .map((part) => [/<h2[^>]*>([^<]*)</.exec(part)?.[1] ?? "", part]),
  );

const HOSTILE = '"><script>alert(1)</script>';

test("every part that is simulated is marked so, and the others are not", async () => {
  const parts = partsOf(await shown());
  const unmarked = [...parts].filter(([, part]) => !/>simulated<\/span>/.test(part)).map(([heading]) => heading);
  expect(unmarked).toEqual(["Not modelled", "On the recorded stream", "Value from the log"]);
  expect(parts.get("On the recorded stream")).toContain("not simulated");
});

test("a number opens the decisions behind it: of its part, its cell and its side", async () => {
  const html = await shown();
  const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, href = ""]) => href.replaceAll("&amp;", "&"));
  const at = (search: string): string => `/console/rehearsals/reh_1/decisions?${search}`;
  expect(links).toEqual(
    expect.arrayContaining([
      at("part=forward&cell=deliveries&side=against"),
      at("part=forward&cell=deliveries"),
      at("part=forward&cell=byExperience%3Acall&side=with"),
      at("part=forward&cell=silences%3Acap_reached&side=with"),
      at("part=recorded&cell=silences%3Acap_reached&side=with"),
      at("part=recorded&cell=deliver%3Esilence"),
      at("part=forward&cell=group%3A0%3Adeliveries&side=against"),
      at("part=forward&cell=group%3A1%3Anothing&side=with"),
    ]),
  );
  expect(links.filter((link) => !link.startsWith(at("part=")))).toEqual([]);
});

test("what is not modelled stands in full", async () => {
  const [, part = ""] = [...partsOf(await shown())].find(([heading]) => heading === "Not modelled") ?? [];
  for (const one of aRehearsal().forward.notModelled) expect(part).toContain(one);
});

test("a backtest has what came beside what was foretold, what fails, and what came unforetold", async () => {
  const interval = { mean: 3, low: 1, high: 5 };
  const intervals = [
    { name: "web.visit", actual: 4, interval, held: true },
    { name: "outcome opened", actual: 9, interval, held: false },
  ];
  const html = await shown({}, { backtest: { intervals, held: 1, share: 0.5, notForetold: { "shop.<closed>": 3 } } });
  const part = (partsOf(html).get("Backtest") ?? "").replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");
  for (const words of [
    "1 of 2 intervals hold (50 %",
    "web.visit 4 3 (1 to 5) holds",
    "outcome opened 9 3 (1 to 5) fails",
    "shop.&lt;closed&gt; (3)",
  ])
    expect(part).toContain(words);
  expect(partsOf(await shown()).has("Backtest")).toBe(false);
});

test("what only one policy has is listed, and is no part where they have the same", async () => {
  const { policies } = aRehearsal();
  const differ = { moments: { against: ["m"], with: [] }, channels: { against: [], with: ["post"] } };
  const part = partsOf(await shown({}, { policies: { ...policies, differ } })).get("What only one policy has");
  for (const line of ["only against: moments m", "only with: channels post"]) expect(part).toContain(line);
  expect(partsOf(await shown()).has("What only one policy has")).toBe(false);
});

test("names of a workspace are text, wherever they stand, and a short or an empty play has its numbers", async () => {
  expect(await shown({ name: HOSTILE, paths: 2 })).not.toContain("<script");
  for (const given of [{ days: 1, paths: 1 }, { customers: 0 }]) expect(await shown(given)).not.toMatch(/NaN|Infinity|undefined/);
});
