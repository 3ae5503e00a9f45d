import type { ChannelRule, ContentField } from "../domain/entities/policy.ts";
import type { PartRule } from "../domain/text/assignment.ts";
import { type Attributes, escapeHtml, type HtmlListener, isHtml, markedUp, readHtml, withAddressesAsText } from "../domain/text/html.ts";
import { visibleText } from "../domain/text/visible-text.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";

/** An author's text as a model may reword it: its parts as plain text, with markers for links. */
export interface TextParts {
  readonly parts: Readonly<Record<string, string>>;
  readonly rules: Readonly<Record<string, PartRule>>;
  /** The author's fields with new wording: links and everything outside the parts stay the author's. */
  assemble(written: Readonly<Record<string, string>>): JsonObject;
}

/**
 * The wordable parts of a rendered text, in the order of the channel's declaration. Links, data and whole HTML pages stay the
 * author's.
 */
export function partsOf(fields: JsonObject, declared: ChannelRule["text"]): TextParts {
  const links: Link[] = [];
  const parts: Record<string, string> = {};
  const rules: Record<string, PartRule> = {};
  for (const [name, field] of Object.entries(declared)) {
    const text = fields[name];
    if (field.most === undefined || typeof text !== "string" || text.trim() === "") continue;
    const isHtml = field.form === "html";
    if (isHtml && LAYOUT.test(text)) continue;
    parts[name] = isHtml ? textOfBody(text, links) : withMarkers(text, links);
    rules[name] = ruleFor(field, field.most, parts[name].length);
  }
  return {
    parts,
    rules,
    assemble: (written) => {
      const worded = Object.keys(parts).map((name): [string, Json] => {
        const text = written[name] ?? "";
        return [name, declared[name]?.form === "html" ? htmlOf(text, links) : unmarked(text, links)];
      });
      return { ...fields, ...Object.fromEntries(worded) };
    },
  };
}

/** Whether a value contains a link or an address, and whether it is nothing else. */
export const hasAddress = (value: string): boolean => value.search(ADDRESS) >= 0;
export const isAddress = (value: string): boolean => value.replace(ADDRESS, "").trim() === "" && value.trim() !== "";

/** A text as readers see it, normalised for comparison: lower case, single spaces. */
export const folded = (text: string): string => visibleText(text).toLowerCase().replace(/\s+/g, " ").trim();

/** Every string in a value, at any depth. */
export function textsIn(value: Json): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

// --- internal ---

/** A complete HTML page has a design of its own and stays whole. */
const LAYOUT = /<(?:!doctype|html|head|body|table|mjml|style|div|img)\b/i;

/** A link as the author wrote it: in HTML, with its link text. */
interface Link {
  readonly marker: string;
  readonly html: string;
  readonly text: string;
}

function add(links: Link[], link: Omit<Link, "marker">): string {
  const marker = `[link ${links.length + 1}]`;
  links.push({ marker, ...link });
  return marker;
}

const ADDRESS =
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s<>"']*[^\s<>"'.,;:!?)]|\b(?:mailto|tel):[^\s<>"']+|[^\s<>"',;:!?()]{1,100}@[^\s<>"',;:!?()]{0,200}[^\s<>"',;:!?().]|\bwww\.[^\s<>"']*[^\s<>"'.,;:!?)]/giu;

const withMarkers = (text: string, links: Link[]): string =>
  text.replace(ADDRESS, (address) => add(links, { text: address, html: escapeHtml(address) }));

/** The words of an author's HTML, or of a text whose values were escaped for HTML, with markers for links. */
function textOfBody(body: string, links: Link[]): string {
  const isText = !isHtml(body);
  const source = isText ? markedUp(body) : withAddressesAsText(body);
  const pieces = new Pieces(source, isText, links);
  readHtml(source, pieces);
  return withMarkers(pieces.words(), links)
    .replace(/[ \t]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

const ENDS_PARAGRAPH = new Set("p h1 h2 h3 h4 h5 h6 li ul ol blockquote".split(" "));
const SILENT = new Set(["head", "style", "script", "title", "template"]);

class Pieces implements HtmlListener {
  private readonly source: string;
  private readonly isText: boolean;
  private readonly links: Link[];
  private readonly pieces: string[] = [];
  /** The open link: its offset in the source, and the index of the piece at which its text starts. */
  private link: { readonly at: number; readonly from: number } | undefined;
  private silent: string | undefined;

  /** With `isText`, line breaks of the source are the author's own. */
  constructor(source: string, isText: boolean, links: Link[]) {
    this.source = source;
    this.isText = isText;
    this.links = links;
  }

  words(): string {
    return this.pieces.join("");
  }

  text(text: string): void {
    if (this.silent === undefined) this.pieces.push(this.isText ? text : text.replace(/\s+/g, " "));
  }

  open(name: string, _: Attributes, at: number): void {
    if (this.silent !== undefined) return;
    if (SILENT.has(name)) this.silent = name;
    else if (name === "a") this.link = { at, from: this.pieces.length };
    else if (name === "br") this.pieces.push("\n");
  }

  close(name: string, end: number): void {
    if (this.silent !== undefined) {
      if (name === this.silent) this.silent = undefined;
    } else if (name === "a" && this.link !== undefined) {
      const { at, from } = this.link;
      this.link = undefined;
      this.pieces.push(add(this.links, { html: this.source.slice(at, end), text: this.pieces.splice(from).join("") }));
    } else if (ENDS_PARAGRAPH.has(name)) this.pieces.push("\n\n");
  }
}

const unmarked = (text: string, links: readonly Link[]): string =>
  links.reduce((rest, { marker, text: address }) => rest.replaceAll(marker, () => address), text.trim());

const htmlOf = (text: string, links: readonly Link[]): string => {
  const paragraphs = text
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => `<p>${escapeHtml(paragraph).replace(/\n/g, "<br>")}</p>`);
  return links.reduce((rest, { marker, html }) => rest.replaceAll(marker, () => html), paragraphs.join("\n"));
};

/** The length limit that suits the channel, and at least the author's own length. */
const ruleFor = ({ form, alphabet }: ContentField, most: number, own: number): PartRule => ({
  most: Math.max(own, most),
  isOneLine: form === "line",
  isSms: alphabet === "gsm7",
});
