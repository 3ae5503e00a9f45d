import { type Attributes, type HtmlListener, readHtml, withAddressesAsText } from "../../domain/text/html.ts";

/** How an element is treated: hidden, replaced as a quotation, or as the start of a quotation that runs to the end. */
export type Standing = "hidden" | "quoted" | "quoted_from_here" | undefined;

/**
 * The plain text of an HTML mail, for readers of plain text: paragraphs, lists and links, each link followed by its URL. One
 * pass over the tags; hidden elements are left out. A quotation, as classified by `standing`, becomes a `>` on its own line.
 */
export function plainTextOf(html: string, standing: (name: string, attributes: Attributes) => Standing = () => undefined): string {
  const writer = new Writer(standing);
  readHtml(withAddressesAsText(html), writer);
  return writer.shown();
}

// --- internal ---

const SILENT = new Set(["head", "style", "script", "title", "template", "noembed", "noframes", "iframe"]);
const EMPTY = new Set(["img", "br", "hr", "input", "meta", "link"]);
const BLOCKS = new Set(
  "p div section article header footer main table tr ul ol dl h1 h2 h3 h4 h5 h6 blockquote pre hr center address figure form".split(" "),
);
/** Maximum characters collected. */
const LONGEST = 512 * 1024;

class Writer implements HtmlListener {
  isDone = false;
  /** Pieces of visible text; joined once, since appending to a string would copy it each time. */
  private readonly pieces: string[] = [];
  private length = 0;
  private readonly standing: (name: string, attributes: Attributes) => Standing;
  /** The hidden element, and how many elements of its name are open. */
  private hidden: { readonly name: string; depth: number } | undefined;
  /** The open link: its URL, and the index of the piece at which its text starts. */
  private link: { readonly href: string; readonly from: number } | undefined;

  constructor(standing: (name: string, attributes: Attributes) => Standing) {
    this.standing = standing;
  }

  shown(): string {
    return tidy(this.pieces.join(""));
  }

  text(raw: string): void {
    if (this.hidden !== undefined) return;
    const text = raw.replace(/[ \t\r\n\f]+/g, " ");
    const isAfterSpace = /\s/.test(this.pieces.at(-1)?.at(-1) ?? " ");
    this.add(text.startsWith(" ") && isAfterSpace ? text.slice(1) : text);
  }

  open(name: string, attributes: Attributes): void {
    // The next block closes an open paragraph.
    if (this.hidden?.name === "p" && BLOCKS.has(name)) this.hidden = undefined;
    if (this.hidden !== undefined) {
      if (name === this.hidden.name) this.hidden.depth++;
      return;
    }
    const standing = isHidden(name, attributes) ? "hidden" : this.standing(name, attributes);
    if (standing !== undefined) this.leaveOut(name, standing);
    else if (name === "a") this.openLink(attributes.get("href")?.trim() ?? "");
    else if (name === "img") this.text(attributes.get("alt") ?? "");
    else this.add(breakAt(name, false));
  }

  close(name: string): void {
    if (this.hidden !== undefined) {
      if (name === this.hidden.name) this.hidden.depth--;
      if (this.hidden.depth === 0) this.hidden = undefined;
    } else if (name === "a") this.closeLink();
    else this.add(breakAt(name, true));
  }

  private add(piece: string): void {
    if (piece === "") return;
    this.pieces.push(piece);
    this.length += piece.length;
    this.isDone ||= this.length > LONGEST;
  }

  private leaveOut(name: string, standing: NonNullable<Standing>): void {
    if (standing !== "hidden") this.add("\n\n>\n\n");
    if (standing === "quoted_from_here") this.isDone = true;
    else if (!EMPTY.has(name)) this.hidden = { name, depth: 1 };
  }

  /** Links do not nest: the next one closes the open one. */
  private openLink(href: string): void {
    this.closeLink();
    this.link = { href, from: this.pieces.length };
  }

  private closeLink(): void {
    if (this.link === undefined) return;
    const { href, from } = this.link;
    this.link = undefined;
    const shown = this.pieces.slice(from).join("").trim();
    if (/^(https?:|mailto:|tel:)/i.test(href) && shown !== href && `mailto:${shown}` !== href) this.add(shown === "" ? href : ` (${href})`);
  }
}

/** Elements without visible content, and those hidden by style, like the preview line of mail programs. */
const isHidden = (name: string, attributes: Attributes): boolean =>
  SILENT.has(name) || (!EMPTY.has(name) && /\bdisplay\s*:\s*none\b/i.test(attributes.get("style") ?? ""));

function breakAt(name: string, isEnd: boolean): string {
  if (BLOCKS.has(name)) return "\n\n";
  if (name === "br") return "\n";
  if (name === "li") return isEnd ? "" : "\n- ";
  return isEnd && (name === "td" || name === "th") ? " " : "";
}

function tidy(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replace(/[ \t]+/g, " ").trim())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
