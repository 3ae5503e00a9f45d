import { Engine } from "mrml";
import { withAddressesAsText } from "../../domain/text/html.ts";
import { nearest } from "../../domain/values/nearest.ts";
import { attributesOf } from "./mjml-attributes.ts";

/** Why a text is no sound MJML, and where: an offset within the text. */
export interface MjmlProblem {
  readonly message: string;
  readonly offset: number;
  /** An element that does not exist, for a suggestion. */
  readonly unknown?: string;
}

/** Elements of MJML that can be laid out. */
export const MJML_ELEMENTS: readonly string[] = [
  ...[
    "mjml",
    "mj-head",
    "mj-body",
    "mj-attributes",
    "mj-all",
    "mj-class",
    "mj-breakpoint",
    "mj-font",
    "mj-preview",
    "mj-style",
    "mj-title",
  ],
  ...["mj-raw", "mj-wrapper", "mj-section", "mj-group", "mj-column", "mj-hero", "mj-text", "mj-button", "mj-image", "mj-table"],
  ...["mj-divider", "mj-spacer", "mj-social", "mj-social-element", "mj-navbar", "mj-navbar-link", "mj-carousel", "mj-carousel-image"],
  ...["mj-accordion", "mj-accordion-element", "mj-accordion-title", "mj-accordion-text"],
];

export const isMjml = (text: string): boolean => /^\s*(<!--[\s\S]*?-->\s*)*<mjml[\s>]/i.test(text);

/** The first problem of a text in MJML: of its elements, which the layout engine passes on as they are, or of its layout. */
export function mjmlProblem(text: string): MjmlProblem | undefined {
  return elementProblem(text) ?? layoutProblem(withAddressesAsText(text));
}

// --- internal ---

const TAG = /<!--[\s\S]*?-->|<(\/?)([a-z][\w-]*)(?=[\s/>])((?:"[^"]*"|'[^']*'|[^>"'])*?)(\/?)>/gi;
const ATTRIBUTE = /(?<![\w-])([a-z][\w-]*)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"']*)/gi;
/** Elements of HTML without an end, and comments. */
const VOID = /^(|area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/;

interface OpenElement {
  readonly name: string;
  readonly offset: number;
}

function elementProblem(text: string): MjmlProblem | undefined {
  const open: OpenElement[] = [];
  for (const { index: offset, 1: closing, 2: given = "", 3: attributes = "", 4: empty } of text.matchAll(TAG)) {
    const name = given.toLowerCase();
    if (VOID.test(name)) continue;
    const problem =
      nameProblem(name, offset) ??
      attributeProblem(name, attributes, offset) ??
      (closing === "/" ? endProblem({ name, offset }, open.pop()) : undefined);
    if (problem) return problem;
    if (closing !== "/" && empty !== "/") open.push({ name, offset });
  }
  const last = open.at(-1);
  return last && { message: `<${last.name}> is not closed`, offset: last.offset };
}

function nameProblem(name: string, offset: number): MjmlProblem | undefined {
  if (name === "mj-include") return { message: "mj-include is not available: use {% render %}", offset };
  if (!name.startsWith("mj-") || MJML_ELEMENTS.includes(name)) return undefined;
  return { message: `unknown element ${name}`, unknown: name, offset };
}

/** The layout engine passes unknown attributes over. Only one that is nearly an attribute of its element is surely wrong. */
function attributeProblem(name: string, attributes: string, offset: number): MjmlProblem | undefined {
  const known = attributesOf(name);
  for (const { 1: given = "" } of attributes.matchAll(ATTRIBUTE)) {
    const meant = known?.includes(given.toLowerCase()) === false ? nearest(given, known) : undefined;
    if (meant !== undefined) return { message: `unknown attribute ${given} of ${name}; did you mean ${meant}?`, offset };
  }
  return undefined;
}

function endProblem({ name, offset }: OpenElement, last: OpenElement | undefined): MjmlProblem | undefined {
  if (!last) return { message: `</${name}> closes nothing`, offset };
  return last.name === name ? undefined : { message: `<${last.name}> is not closed before </${name}>`, offset: last.offset };
}

function layoutProblem(text: string): MjmlProblem | undefined {
  const engine = new Engine();
  try {
    const result = engine.toHtml(text);
    if (result.type === "success") return undefined;
    const details = result.origin === "parser" ? result.details : undefined;
    const why = details?.type === "parser-error" ? details.source : result.message;
    const start =
      details && "position" in details ? Buffer.from(text).subarray(0, details.position.start).toString().length : offsetIn(why, text);
    return { message: why.replace(/ (in root template|at (position )?\d+:\d+)/g, ""), offset: start };
  } finally {
    engine.free();
  }
}

/** The last place in a message of the engine, like `1:49`: line and column. */
function offsetIn(message: string, text: string): number {
  const [, row = "1", column = "1"] = [...message.matchAll(/(\d+):(\d+)/g)].at(-1) ?? [];
  const before = text.split("\n").slice(0, Number(row) - 1);
  return before.reduce((sum, line) => sum + line.length + 1, 0) + Number(column) - 1;
}
