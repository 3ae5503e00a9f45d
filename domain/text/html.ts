import { Tokenizer } from "htmlparser2";

/** Receives the parts of an HTML text, in order. */
export interface HtmlListener {
  /** Text between tags, with entities decoded. */
  text(text: string): void;
  /** `at` is the start of the tag in the source. */
  open(name: string, attributes: Attributes, at: number): void;
  /** `end` is the end of the tag in the source. */
  close(name: string, end: number): void;
  /** Checked before each token; true stops reading. */
  readonly isDone?: boolean;
}

/** Attributes of a tag by lower-case name; the first of duplicates. */
export type Attributes = ReadonlyMap<string, string>;

/**
 * Reads arbitrary HTML in time linear in its length, whatever its nesting. Comments and declarations are skipped. Invisible fillers
 * (soft hyphens, zero-width characters) are skipped where they are written as entities, and a no-break space becomes a space.
 */
export function readHtml(source: string, listener: HtmlListener): void {
  const reading = new Reading(source, listener);
  const tokenizer = new Tokenizer({ decodeEntities: true }, reading);
  tokenizer.write(source);
  tokenizer.end();
}

/** Escapes text for HTML, also within an attribute. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign] ?? "&quot;");

/**
 * Whether a text is HTML: it contains a known element's tag, a comment or a declaration. `Care <care@shop.example>` and
 * `<https://shop.example>` are not.
 */
export const isHtml = (text: string): boolean => MARKUP.test(text);

/** Escapes addresses in angle brackets, which would parse as tags. */
export const withAddressesAsText = (html: string): string => html.replace(ADDRESS_BEGINS, "&lt;");

/** Converts text to HTML: escapes brackets, and ampersands that begin no entity. Existing entities stay. */
export const markedUp = (text: string): string =>
  text.replace(/&(?!(?:[a-z][a-z0-9]{1,30}|#\d{1,7}|#x[0-9a-f]{1,6});)|[<>]/gi, (sign) => escapeHtml(sign));

// --- internal ---

const ELEMENTS =
  "a abbr acronym address area article aside audio b base bdi bdo big blockquote body br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link main map mark menu meta meter nav noscript object ol optgroup option output p param picture pre progress q rp rt ruby s samp script search section select slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr mjml";

const MARKUP = new RegExp(`<(?:/?(?:${ELEMENTS.replaceAll(" ", "|")})(?=[\\s/>])|!--|!doctype\\b|!\\[|\\?xml\\b)`, "i");

/** A scheme, or the local part of a mail address. */
const ADDRESS_BEGINS = /<(?=[a-z][a-z0-9+.-]{1,20}:\/\/|(?:mailto|tel|sms):|[^\s<>@"'=]{1,64}@[^\s<>@"'=]{1,255}>)/gi;

/** Fillers without a visible form; skipped where they are written as entities. */
const FILLERS = new Set([0xad, 0x34f, 0x61c, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2060, 0xfeff]);
const NO_BREAK_SPACES = new Set([0xa0, 0x202f]);
/** Result of the entity decoder for numbers that are no characters. */
const NO_CHARACTER = 0xfffd;

function signOf(code: number): string {
  if (NO_BREAK_SPACES.has(code)) return " ";
  const isControl = code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d;
  return isControl || FILLERS.has(code) || code === NO_CHARACTER ? "" : String.fromCodePoint(code);
}

type Tokens = ConstructorParameters<typeof Tokenizer>[1];

/** Translates the tokenizer's positions into names and texts. */
class Reading implements Tokens {
  private readonly source: string;
  private readonly to: HtmlListener;
  private name = "";
  private at = 0;
  private attributes = new Map<string, string>();
  private attribute = "";
  private value = "";

  constructor(source: string, to: HtmlListener) {
    this.source = source;
    this.to = to;
  }

  ontext(start: number, end: number): void {
    if (!this.to.isDone) this.to.text(this.source.slice(start, end));
  }

  ontextentity(code: number): void {
    if (!this.to.isDone) this.to.text(signOf(code));
  }

  onopentagname(start: number, end: number): void {
    this.at = start - 1;
    this.name = this.source.slice(start, end).toLowerCase();
    this.attributes = new Map();
  }

  onattribname(start: number, end: number): void {
    this.attribute = this.source.slice(start, end).toLowerCase();
    this.value = "";
  }

  onattribdata(start: number, end: number): void {
    this.value += this.source.slice(start, end);
  }

  onattribentity(code: number): void {
    this.value += String.fromCodePoint(code);
  }

  onattribend(): void {
    if (!this.attributes.has(this.attribute)) this.attributes.set(this.attribute, this.value);
  }

  onopentagend(): void {
    if (!this.to.isDone) this.to.open(this.name, this.attributes, this.at);
  }

  onselfclosingtag(): void {
    this.onopentagend();
  }

  onclosetag(start: number, end: number): void {
    if (this.to.isDone) return;
    const bracket = this.source.indexOf(">", end);
    this.to.close(this.source.slice(start, end).toLowerCase(), bracket < 0 ? this.source.length : bracket + 1);
  }

  oncomment(): void {}
  oncdata(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}
  onend(): void {}
}
