import type { AnyChannel } from "../channels/channel.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { channelsOf } from "../runtime/load-channels.ts";
import { actionTools, tools as builtIn } from "../tools/index.ts";
import { type CheckedFiles, checkFiles, type LoadOptions } from "../workspace/check-files.ts";
import { describeProblem } from "../workspace/problem.ts";

export interface GivenFiles {
  readonly templates?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Additional tools: their names, or also the inputs that customers may fill in. */
  readonly tools?: readonly (
    | string
    | { readonly name: string; readonly asks?: readonly string[]; readonly confirm?: boolean; readonly effect?: string }
  )[];
  /** Additional channels. */
  readonly channels?: readonly AnyChannel[];
  /** Input schemas of tools, if they are to be checked. */
  readonly inputs?: LoadOptions["inputs"];
}

/** Default settings of a workspace, for tests that do not care. */
const SETTINGS: Readonly<Record<string, string>> = {
  version: "1",
  name: "Test",
  timezone: "America/Chicago",
  departments: "[sales, service, finance, marketing]",
  channels: "{box: {kind: file}}",
  moments: "{m: {on: go, expires: 30d}}",
};

/** Default keys of an experience, for tests that do not care. */
const EXPERIENCE: Readonly<Record<string, string>> = { id: "e", serves: "[m]", channels: "{box: {text: Hello}}" };

/**
 * Compiles a policy from YAML text with the real compiler. Missing keys take plain defaults, so that a test shows only its subject: one
 * channel `box`, one moment `m` that the signal `go` opens, and experiences that serve it.
 */
export function policyOf(settings: string, experiences: readonly string[] = [""], given: GivenFiles = {}): Policy {
  const checked = checkTexts(settings, experiences, given);
  if (!checked.ok) throw new Error(checked.problems.map(describeProblem).join("\n"));
  return checked.policy;
}

/** The same as `check` sees it. The experiences are `experiences/0.yaml`, `experiences/1.yaml`, … */
export function checkTexts(settings: string, experiences: readonly string[] = [""], given: GivenFiles = {}): CheckedFiles {
  const files = new Map([
    ["sentient.yaml", Buffer.from(withDefaults(settings, SETTINGS))],
    ...experiences.map((text, index) => [`experiences/${index}.yaml`, Buffer.from(withDefaults(text, EXPERIENCE))] as const),
    ...Object.entries(given.templates ?? {}).map(([name, text]) => [`templates/${name}`, Buffer.from(text)] as const),
  ]);
  const own = (given.tools ?? []).map((tool) => (typeof tool === "string" ? { name: tool } : tool));
  return checkFiles(files, {
    environment: given.environment ?? {},
    channels: channelsOf(given.channels),
    tools: [...actionTools, ...own.map(({ name }) => name)],
    inputs: given.inputs ?? new Map([...builtIn, ...own].map((tool) => [tool.name, asDeclared(tool)])),
  });
}

/** Removes the common indentation of all lines, so that tests can indent their text. */
export function dedent(text: string): string {
  const lines = text.split("\n");
  const widths = lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length);
  const shared = Math.min(...widths, 100);
  return lines.map((line) => line.slice(shared)).join("\n");
}

// --- internal ---

/** What `check` reads of a tool, but for its input schema. */
const asDeclared = ({
  asks,
  confirm,
  effect,
}: {
  readonly asks?: readonly string[];
  readonly confirm?: boolean;
  readonly effect?: string;
}) => ({
  ...(effect === undefined ? {} : { effect }),
  ...(asks === undefined ? {} : { asks }),
  ...(confirm === undefined ? {} : { confirm }),
});

/** Appends missing keys at the end, so that the given lines keep their numbers. */
function withDefaults(text: string, defaults: Readonly<Record<string, string>>): string {
  const given = dedent(text);
  const missing = Object.entries(defaults).filter(([key]) => !new RegExp(`^${key}:`, "m").test(given));
  return `${given}\n${missing.map(([key, value]) => `${key}: ${value}\n`).join("")}`;
}
