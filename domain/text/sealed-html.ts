import { escapeHtml, readHtml } from "./html.ts";

/** A page without anything that a browser would run, load, follow or submit. */
export interface SealedHtml {
  readonly html: string;
  /** Targets of its links and forms, in order, each once: they are text beside the page. */
  readonly links: readonly SealedLink[];
  /** Images and style sheets that it would load from elsewhere, each once. */
  readonly loads: readonly string[];
}

export interface SealedLink {
  readonly target: string;
  /** The text of the link; empty for a form or an image. */
  readonly text: string;
}

/**
 * Seals an HTML text. It is read by a tokenizer and written anew from its tokens, so that no other parser can read more into it: every
 * element outside the list of plain ones gets a name that means nothing (`x-a`), attributes are those of looks alone, and styles lose what
 * names an address.
 */
export function sealHtml(source: string): SealedHtml {
  const writer = new SealedWriter();
  readHtml(source, writer);
  return writer.result();
}

// --- internal ---

/** Elements that only lay out and emphasise. */
const PLAIN = new Set(
  "html head body div span p br hr h1 h2 h3 h4 h5 h6 b i u s em strong small big sub sup font center blockquote pre code ul ol li dl dt dd table caption colgroup col thead tbody tfoot tr td th address abbr cite del ins mark q section article header footer main aside figure figcaption wbr".split(
    " ",
  ),
);

/** Elements whose content no mail program shows. */
const SILENT = new Set("script title template noembed noframes iframe".split(" "));

/** Attributes of looks. `style` is cleaned. */
const LOOKS = new Set(
  "style class align valign width height bgcolor color border cellpadding cellspacing colspan rowspan dir lang alt face size role start nowrap".split(
    " ",
  ),
);

/** Attributes that name what a click or a submission leads to. */
const TARGETS = ["href", "xlink:href", "action", "formaction", "ping"];
/** Attributes that name what is loaded. */
const LOADED = ["src", "srcset", "background", "poster", "data", "imagesrcset", "archive", "codebase", "lowsrc", "dynsrc"];

const DATA_IMAGE = /^data:image\/(?:png|gif|jpeg|webp);base64,[a-z0-9+/=\s]+$/i;
const MAX_LISTED = 200;
const MAX_TARGET = 2_000;

class SealedWriter {
  private readonly out: string[] = ["<!doctype html><style>x-a{text-decoration:underline}</style>"];
  private readonly links = new Map<string, string>();
  private readonly loads = new Set<string>();
  /** The element whose content is not shown. */
  private silent: string | undefined;
  private style: string[] | undefined;
  private link: string | undefined;

  text(text: string): void {
    if (this.style) this.style.push(text);
    else if (this.silent === undefined) {
      this.out.push(escapeHtml(text));
      if (this.link !== undefined) this.links.set(this.link, `${this.links.get(this.link) ?? ""}${text}`.slice(0, MAX_TARGET));
    }
  }

  open(name: string, attributes: ReadonlyMap<string, string>): void {
    if (this.silent !== undefined) return;
    this.note(name, attributes);
    if (name === "style") this.style = [];
    else if (SILENT.has(name)) this.silent = name;
    else if (name === "img") this.out.push(imageOf(attributes));
    else this.out.push(`<${sealedName(name)}${looksOf(attributes)}>`);
  }

  close(name: string): void {
    if (this.style) {
      if (name !== "style") return;
      this.out.push(`<style>${sealCss(this.style.join(""), this.loads)}</style>`);
      this.style = undefined;
    } else if (this.silent !== undefined) {
      if (name === this.silent) this.silent = undefined;
    } else if (name !== "img" && name !== "br") {
      if (name === "a") this.link = undefined;
      this.out.push(`</${sealedName(name)}>`);
    }
  }

  result(): SealedHtml {
    return {
      html: this.out.join(""),
      links: [...this.links].map(([target, text]) => ({ target, text: text.replace(/\s+/g, " ").trim() })),
      loads: [...this.loads],
    };
  }

  private note(name: string, attributes: ReadonlyMap<string, string>): void {
    for (const attribute of TARGETS) {
      const target = attributes.get(attribute)?.trim().slice(0, MAX_TARGET) ?? "";
      if (target === "") continue;
      if (name === "link") this.load(target);
      else this.leadTo(target, name === "a" && attribute === "href");
    }
    for (const attribute of LOADED) this.load(attributes.get(attribute));
    sealCss(attributes.get("style") ?? "", this.loads);
  }

  private leadTo(target: string, isLink: boolean): void {
    if (!this.links.has(target) && this.links.size < MAX_LISTED) this.links.set(target, "");
    if (isLink && this.links.has(target)) this.link = target;
  }

  private load(target: string | undefined): void {
    if (target !== undefined && target !== "" && !target.startsWith("data:") && this.loads.size < MAX_LISTED)
      this.loads.add(target.slice(0, MAX_TARGET));
  }
}

/** A plain element keeps its name; any other gets one that no browser knows. */
function sealedName(name: string): string {
  if (PLAIN.has(name)) return name;
  const plain = name.replace(/[^a-z0-9]+/g, "-").slice(0, 40);
  return `x-${plain === "" ? "unknown" : plain}`;
}

const looksOf = (attributes: ReadonlyMap<string, string>): string =>
  [...attributes]
    .filter(([name]) => LOOKS.has(name))
    .map(([name, value]) => ` ${name}="${escapeHtml(name === "style" ? sealCss(value) : value)}"`)
    .join("");

/** An image that the mail itself carries; any other is a box with its words. */
function imageOf(attributes: ReadonlyMap<string, string>): string {
  const src = attributes.get("src") ?? "";
  const looks = looksOf(attributes);
  if (DATA_IMAGE.test(src)) return `<img src="${escapeHtml(src.replace(/\s+/g, ""))}"${looks}>`;
  const alt = attributes.get("alt")?.trim();
  return `<x-img${looks}>[${escapeHtml(alt === undefined || alt === "" ? "image" : `image: ${alt}`)}]</x-img>`;
}

const ESCAPE = /\\(?:([0-9a-f]{1,6})(?:\r\n|[\s])?|([^\n]))/gi;
const ADDRESSED = /(?:url|src|image|image-set|-webkit-image-set|cross-fade|-webkit-cross-fade|element|paint|expression)\s*\(/gi;
const AT_RULES = /@(?:import|font-face|namespace|charset|document|-moz-document)/gi;
const URLS = /(?:url|src)\s*\(\s*["']?([^"')]*)|@import\s+["']([^"']*)/gi;

/** A style sheet or a style attribute without what loads. Escapes are resolved first, so that none hides a name. */
function sealCss(css: string, loads?: Set<string>): string {
  const plain = css
    .replace(ESCAPE, (_, hex: string | undefined, sign: string | undefined) => (hex === undefined ? (sign ?? "") : signOf(hex)))
    .replace(/[<\\]/g, "")
    .replace(/\/\*[\s\S]*?(?:\*\/|$)/g, " ");
  if (loads)
    for (const [, address = "", imported = ""] of plain.matchAll(URLS)) {
      const target = (address || imported).trim().slice(0, MAX_TARGET);
      if (target !== "" && !target.startsWith("data:") && loads.size < MAX_LISTED) loads.add(target);
    }
  return plain.replace(ADDRESSED, "x-none(").replace(AT_RULES, "@x-none");
}

function signOf(hex: string): string {
  const code = Number.parseInt(hex, 16);
  return code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? "" : String.fromCodePoint(code);
}
