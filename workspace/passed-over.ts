import { nearest } from "../domain/values/nearest.ts";
import type { Note } from "./problem.ts";

/** Experiences and golden decisions are YAML files, whatever the case of the extension. */
export const isYaml = (name: string): boolean => /\.ya?ml$/i.test(name);

/** Reports unused files of a workspace, each with a note: a misspelt name is easily overlooked. */
export function passedOver(files: ReadonlyMap<string, Buffer>): Note[] {
  const texts = [...files]
    .filter(([name]) => isYaml(name) || name.startsWith("templates/"))
    .map(([name, bytes]) => ({ name, text: bytes.toString("utf8") }));
  const isNamed = (name: string, by: RegExp): boolean =>
    texts.some((one) => one.name !== name && by.test(one.name) && one.text.includes(calledBy(name)));
  return [...files.keys()].flatMap((name) => {
    if (name.startsWith("experiences/") && !isYaml(name)) return ignored(name, "an experience is a file that ends in .yaml");
    if (name.startsWith("evals/") && !isYaml(name) && !isNamed(name, /^evals\//))
      return ignored(name, "golden decisions are files that end in .yaml, and none of them names this one");
    if (/^(channels|tools)\/[^/]+\.(m?js|mts|cts|cjs)$/.test(name))
      return ignored(name, OWN_CODE[name.split("/", 1)[0] as "channels" | "tools"]);
    if (name.startsWith("templates/") && !isNamed(name, /^(experiences|templates)\//))
      return ignored(name, "no experience and no other template names it");
    return [];
  });
}

/** Reports names in the workspace's folder that are nearly those of its files and folders. */
export function nearlyRead(names: readonly string[]): Note[] {
  return names.flatMap((name) => {
    if (READ.includes(name)) return [];
    const meant = READ.find((one) => one === name.toLowerCase()) ?? nearest(name, READ);
    return meant === undefined || names.includes(meant) ? [] : ignored(name, `did you mean ${meant}?`);
  });
}

// --- internal ---

const ignored = (file: string, why: string): Note[] => [{ file, message: `is ignored; ${why}` }];

/** Names read from a workspace's folder. */
const READ: readonly string[] = [
  "sentient.yaml",
  "experiences",
  "templates",
  "tools",
  "channels",
  "customers.jsonl",
  "signals.jsonl",
  "evals",
];

const OWN_CODE = {
  channels: "a channel of your own is a file that ends in .ts",
  tools: "a tool of your own is a file that ends in .ts",
} as const;

/** The name used in references: without the folder, and for a template also without the extension. */
const calledBy = (name: string): string => (name.split("/").at(-1) ?? name).replace(/(\.mjml)?\.liquid$/, "");
