import { nearest } from "./problem.ts";

/** Files of experiences and of golden decisions are YAML, however the end of their name is written. */
export const isYaml = (name: string): boolean => /\.ya?ml$/i.test(name);

/** What stands in a workspace and does nothing, one line each: a name that is written differently is easily missed. */
export function passedOver(files: ReadonlyMap<string, Buffer>): string[] {
  const texts = [...files]
    .filter(([name]) => isYaml(name) || name.startsWith("templates/"))
    .map(([name, bytes]) => ({ name, text: bytes.toString("utf8") }));
  const isNamed = (name: string, by: RegExp): boolean =>
    texts.some((one) => one.name !== name && by.test(one.name) && one.text.includes(calledBy(name)));
  return [...files.keys()].flatMap((name) => {
    if (name.startsWith("experiences/") && !isYaml(name)) return [`${name}: is passed over; an experience is a file that ends in .yaml`];
    if (name.startsWith("evals/") && !isYaml(name) && !isNamed(name, /^evals\//))
      return [`${name}: is passed over; golden decisions are files that end in .yaml, and none of them names this one`];
    if (name.startsWith("templates/") && !isNamed(name, /^(experiences|templates)\//))
      return [`${name}: is passed over; no experience and no other template names it`];
    return [];
  });
}

/** Names in the workspace's own folder that are nearly those which are read. */
export function nearlyRead(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    if (READ.includes(name)) return [];
    const meant = READ.find((one) => one === name.toLowerCase()) ?? nearest(name, READ);
    return meant === undefined || names.includes(meant) ? [] : [`${name}: is passed over; did you mean ${meant}?`];
  });
}

// --- internal ---

/** What a workspace has in its folder. */
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

/** How others name a file: without its folder, and a template also without the end of its name. */
const calledBy = (name: string): string => (name.split("/").at(-1) ?? name).replace(/(\.mjml)?\.liquid$/, "");
