import { Tokenizer } from "htmlparser2";

/** What is told of HTML, in its order. */
export interface HtmlListener {
  /** Text between tags, as it is read: entities are the signs that they stand for. */
  text(text: string): void;
  /** `at` is where the tag begins in the source. */
  open(name: string, attributes: Attributes, at: number): void;
  /** `end` is where the tag ends in the source. */
  close(name: string, end: number): void;
  /** Asked before each token: reading ends here. */
  readonly isDone?: boolean;
}

/** Attributes of a tag by their names in lower case; of two of a name the first. */
export type Attributes = ReadonlyMap<string, string>;

/**
 * Reads HTML that may be anything: in time that grows with its length, whatever it is nested into. Comments and declarations
 * are left out. Signs that only fill up space (soft hyphens and others of no width) are left out where they are written as
 * entities, and a no-break space is a space.
 */
export function readHtml(source: string, listener: HtmlListener): void {
  const reading = new Reading(source, listener);
  const tokenizer = new Tokenizer({ decodeEntities: true }, reading);
  tokenizer.write(source);
  tokenizer.end();
}

/** The text as it stands in HTML, also within an attribute. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign] ?? "&quot;");

/**
 * Whether a text is meant as HTML: it has a tag of an element that HTML knows, a comment or a declaration. `Care
 * <care@shop.example>` and `<https://shop.example>` are none.
 */
export const isHtml = (text: string): boolean => MARKUP.test(text);

/** HTML in which an address in angle brackets is text and not a tag of its name. */
export const withAddressesAsText = (html: string): string => html.replace(ADDRESS_BEGINS, "&lt;");

/** A text as HTML: brackets stand for themselves, and so does an ampersand that begins no entity. Entities in it stay. */
export const markedUp = (text: string): string =>
  text.replace(/&(?!(?:[a-z][a-z0-9]{1,30}|#\d{1,7}|#x[0-9a-f]{1,6});)|[<>]/gi, (sign) => escapeHtml(sign));

// --- internal ---

const ELEMENTS =
  "a abbr acronym address area article aside audio b base bdi bdo big blockquote body br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link main map mark menu meta meter nav noscript object ol optgroup option output p param picture pre progress q rp rt ruby s samp script search section select slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr mjml";

const MARKUP = new RegExp(`<(?:/?(?:${ELEMENTS.replaceAll(" ", "|")})(?=[\\s/>])|!--|!doctype\\b|!\\[|\\?xml\\b)`, "i");

/** A scheme, or what stands before the @ of a mail address. */
const ADDRESS_BEGINS = /<(?=[a-z][a-z0-9+.-]{1,20}:\/\/|(?:mailto|tel|sms):|[^\s<>@"'=]{1,64}@[^\s<>@"'=]{1,255}>)/gi;

/** Written as entities these fill up a line and show nothing. */
const FILLERS = new Set([0xad, 0x34f, 0x61c, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x2060, 0xfeff]);
const NO_BREAK_SPACES = new Set([0xa0, 0x202f]);
/** What the reader of entities gives for numbers that are no characters. */
const NO_CHARACTER = 0xfffd;

function signOf(code: number): string {
  if (NO_BREAK_SPACES.has(code)) return " ";
  const isControl = code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d;
  return isControl || FILLERS.has(code) || code === NO_CHARACTER ? "" : String.fromCodePoint(code);
}

type Tokens = ConstructorParameters<typeof Tokenizer>[1];

/** What the tokenizer tells by positions, told as names and texts. */
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
