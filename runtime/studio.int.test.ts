import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const { graphs } = JSON.parse(readFileSync(join(root, "langgraph.json"), "utf8")) as { graphs: Readonly<Record<string, string>> };

/** The part of a compiled graph that the studio needs. */
interface Graph {
  getGraphAsync(): Promise<{ nodes: Readonly<Record<string, unknown>> }>;
  invoke(state: unknown): Promise<unknown>;
}

/** Loads a graph as LangGraph's studio does: `FILE:EXPORT`, a graph or a function that makes one. */
async function load(place: string): Promise<Graph> {
  const [file = "", name = ""] = place.split(":");
  const module = (await import(pathToFileURL(join(root, file)).href)) as Readonly<Record<string, Graph | (() => Promise<Graph>)>>;
  const found = module[name];
  if (found === undefined) throw new Error(`${file} exports no ${name}`);
  return typeof found === "function" ? found() : found;
}

test.each(Object.entries(graphs))("%s opens in LangGraph's studio and can be started there", async (_, place) => {
  const graph = await load(place);
  expect(Object.keys((await graph.getGraphAsync()).nodes)).toEqual(expect.arrayContaining(["interpret", "judge", "write", "reserve"]));
  expect(await graph.invoke({ runs: ["c-dana"] })).toMatchObject({ runs: ["c-dana"] });
});
