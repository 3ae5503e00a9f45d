/**
 * The plain text of an HTML mail, for those who read mail without HTML: paragraphs, lists and links, each link with its
 * address behind it. One pass over the tags; nothing that is hidden shows.
 */
export function plainTextOf(html: string): string {
  const writer: Writer = { text: "", hidden: undefined, links: [] };
  for (const [, comment, closing, name, attributes, text] of html.matchAll(TOKEN)) {
    if (comment !== undefined) continue;
    if (text !== undefined) write(writer, text);
    else if (name !== undefined) tag(writer, name.toLowerCase(), closing === "/", attributes ?? "");
  }
  return tidy(writer.text);
}

// --- internal ---

/** A comment (also Outlook's conditional ones), a tag, or what stands between two. None of them is looked for beyond the next `<`. */
const TOKEN = /(<!--[\s\S]*?(?:-->|$)|<![^<>]*>)|<(\/?)([a-z][a-z0-9:-]*)((?:"[^"<]*"|'[^'<]*'|[^"'<>])*)>|([^<]+|<)/gi;

const SILENT = new Set(["head", "style", "script", "title", "template"]);
const EMPTY = new Set(["img", "br", "hr", "input", "meta", "link"]);
const BLOCKS = new Set(
  "p div section article header footer main table tr ul ol h1 h2 h3 h4 h5 h6 blockquote pre hr center address figure".split(" "),
);

interface Writer {
  text: string;
  /** The element whose inside is not shown, and how many of its name are open. */
  hidden: { readonly name: string; depth: number } | undefined;
  /** Addresses of the links that are open, with where their text begins. */
  readonly links: { href: string; from: number }[];
}

function write(writer: Writer, raw: string): void {
  if (writer.hidden !== undefined) return;
  const text = decode(raw.replace(/[ \t\r\n\f]+/g, " "));
  writer.text += text.startsWith(" ") && /\s/.test(writer.text.at(-1) ?? " ") ? text.slice(1) : text;
}

function tag(writer: Writer, name: string, isEnd: boolean, attributes: string): void {
  if (writer.hidden !== undefined) leave(writer, writer.hidden, name, isEnd);
  else if (!isEnd && isHidden(name, attributes)) writer.hidden = { name, depth: 1 };
  else if (name === "a") link(writer, isEnd, attributes);
  else if (name === "img") write(writer, attributeOf(attributes, "alt"));
  else writer.text += breakAt(name, isEnd);
}

function leave(writer: Writer, hidden: NonNullable<Writer["hidden"]>, name: string, isEnd: boolean): void {
  if (name === hidden.name) hidden.depth += isEnd ? -1 : 1;
  if (hidden.depth === 0) writer.hidden = undefined;
}

/** What is never shown, and what is styled away: the line that mail programs show as a preview. */
const isHidden = (name: string, attributes: string): boolean =>
  SILENT.has(name) || (!EMPTY.has(name) && /\bdisplay\s*:\s*none\b/i.test(attributeOf(attributes, "style")));

function breakAt(name: string, isEnd: boolean): string {
  if (BLOCKS.has(name)) return "\n\n";
  if (name === "br") return "\n";
  if (name === "li") return isEnd ? "" : "\n- ";
  return isEnd && (name === "td" || name === "th") ? " " : "";
}

function link(writer: Writer, isEnd: boolean, attributes: string): void {
  if (!isEnd) {
    writer.links.push({ href: decode(attributeOf(attributes, "href")), from: writer.text.length });
    return;
  }
  const { href = "", from = 0 } = writer.links.pop() ?? {};
  const shown = writer.text.slice(from).trim();
  if (/^(https?:|mailto:|tel:)/i.test(href) && shown !== href && `mailto:${shown}` !== href)
    writer.text += shown === "" ? href : ` (${href})`;
}

function attributeOf(attributes: string, name: string): string {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"']+))`, "i").exec(attributes);
  return found?.[1] ?? found?.[2] ?? found?.[3] ?? "";
}

const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  shy: "",
  zwnj: "",
  ndash: "–",
  mdash: "—",
  hellip: "…",
  lsquo: "‘",
  rsquo: "’",
  ldquo: "“",
  rdquo: "”",
  laquo: "«",
  raquo: "»",
  bull: "•",
  middot: "·",
  copy: "©",
  reg: "®",
  trade: "™",
  euro: "€",
  pound: "£",
  yen: "¥",
  cent: "¢",
  deg: "°",
  times: "×",
  rarr: "→",
  larr: "←",
  szlig: "ß",
};

const MARKS: Readonly<Record<string, string>> = {
  acute: "\u0301",
  grave: "\u0300",
  circ: "\u0302",
  uml: "\u0308",
  tilde: "\u0303",
  cedil: "\u0327",
  ring: "\u030a",
};

const decode = (text: string): string =>
  text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,8});/gi, (whole, name: string) => entity(name) ?? whole);

function entity(name: string): string | undefined {
  if (name.startsWith("#")) {
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    const isText = code >= 0x20 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return isText ? String.fromCodePoint(code).replace("\u00a0", " ") : "";
  }
  if (Object.hasOwn(NAMED, name)) return NAMED[name];
  const [, letter, mark = ""] = /^([a-z])(acute|grave|circ|uml|tilde|cedil|ring)$/i.exec(name) ?? [];
  return letter === undefined ? undefined : `${letter}${MARKS[mark]}`.normalize("NFC");
}

function tidy(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replace(/[ \t]+/g, " ").trim())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
