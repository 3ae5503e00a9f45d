import { inflateSync } from "node:zlib";

/**
 * The words of a PDF as Chromium writes it: all that is painted, in its order, without any white space. Only what such files have is
 * understood: plain objects, streams that are deflated, fonts with a map to Unicode.
 */
export function pdfText(pdf: Uint8Array): string {
  const objects = objectsOf(Buffer.from(pdf).toString("latin1"));
  const root = [...objects.values()].find(({ dict }) => /\/Type\s*\/Pages\b/.test(dict) && !/\/Parent\b/.test(dict));
  if (!root) throw new Error("the PDF has no pages");
  return pagesBelow(root, objects)
    .map((page) => painted(contentsOf(page, objects), page.dict, objects))
    .join("")
    .normalize("NFKC")
    .replaceAll(/\s/g, "");
}

// --- internal ---

interface Item {
  readonly dict: string;
  readonly data: string | undefined;
}
type Objects = ReadonlyMap<string, Item>;

/** Objects by number. */
function objectsOf(file: string): Objects {
  const objects = new Map<string, Item>();
  for (const [, id = "", body = ""] of file.matchAll(/(?:^|\n)(\d+) 0 obj\s([\s\S]*?)endobj/g)) {
    const [dict = "", data] = splitOnce(body, /stream\r?\n/);
    objects.set(id, { dict, data: data === undefined ? undefined : streamOf(dict, data) });
  }
  return objects;
}

function splitOnce(text: string, at: RegExp): [string, string?] {
  const found = at.exec(text);
  return found ? [text.slice(0, found.index), text.slice(found.index + found[0].length)] : [text];
}

function streamOf(dict: string, data: string): string {
  if (!/\/FlateDecode\b/.test(dict)) return data;
  return inflateSync(Buffer.from(data, "latin1"), { finishFlush: 2 }).toString("latin1");
}

function pagesBelow(node: Item, objects: Objects): Item[] {
  const kids = /\/Kids\s*\[([^\]]*)\]/.exec(node.dict)?.[1];
  if (kids === undefined) return [node];
  return referencesIn(kids).flatMap((id) => pagesBelow(itemAt(id, objects), objects));
}

const referencesIn = (text: string): string[] => [...text.matchAll(/(\d+) 0 R/g)].map(([, id = ""]) => id);

function itemAt(id: string, objects: Objects): Item {
  const item = objects.get(id);
  if (!item) throw new Error(`the PDF has no object ${id}`);
  return item;
}

function contentsOf({ dict }: Item, objects: Objects): string {
  const named = /\/Contents\s*(\[[^\]]*\]|\d+ 0 R)/.exec(dict)?.[1] ?? "";
  return referencesIn(named)
    .map((id) => itemAt(id, objects).data ?? "")
    .join("\n");
}

/** What the operators of a content stream paint, forms within it included. */
function painted(content: string, dict: string, objects: Objects): string {
  const named = resourcesOf(dict, objects);
  const operands: string[] = [];
  let decode = (_: string): string => "";
  let text = "";
  for (const [token] of content.matchAll(TOKENS)) {
    if (!/^[A-Za-z'"*]+$/.test(token)) {
      operands.push(token);
      continue;
    }
    const name = operands.at(token === "Tf" ? -2 : -1)?.slice(1) ?? "";
    if (token === "Tf") decode = decoderOf(named.get(name), objects);
    else if (token === "Tj" || token === "TJ") text += (operands.join(" ").match(STRINGS) ?? []).map(decode).join("");
    else if (token === "Do") {
      const form = objects.get(named.get(name) ?? "");
      if (form && /\/Subtype\s*\/Form\b/.test(form.dict)) text += painted(form.data ?? "", form.dict, objects);
    }
    operands.length = 0;
  }
  return text;
}

const STRINGS = /<[0-9A-Fa-f\s]*>|\((?:[^()\\]|\\[\s\S])*\)/g;
const TOKENS = /<<|>>|<[0-9A-Fa-f\s]*>|\((?:[^()\\]|\\[\s\S])*\)|\/[^\s<>()[\]/]+|[[\]]|[-+.\d]+|[A-Za-z'"*]+/g;

/** Numbers of the objects that a page's resources name, such as `F4`. */
function resourcesOf(dict: string, objects: Objects): ReadonlyMap<string, string> {
  const reference = /\/Resources\s+(\d+) 0 R/.exec(dict)?.[1];
  const text = reference === undefined ? dict : itemAt(reference, objects).dict;
  return new Map([...text.matchAll(/\/([^\s<>()[\]/]+)\s+(\d+) 0 R/g)].map(([, name = "", id = ""]) => [name, id]));
}

/** Turns a string of a content stream into text, by the font's map to Unicode. */
function decoderOf(id: string | undefined, objects: Objects): (text: string) => string {
  const font = itemAt(id ?? "", objects);
  const map = unicodeOf(/\/ToUnicode\s+(\d+) 0 R/.exec(font.dict)?.[1], objects);
  const digits = /\/Subtype\s*\/Type0\b/.test(font.dict) ? 4 : 2;
  return (text) => {
    const hex = hexOf(text);
    return (hex.match(new RegExp(`.{${digits}}`, "g")) ?? []).map((code) => map.get(Number.parseInt(code, 16)) ?? "\ufffd").join("");
  };
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

function hexOf(text: string): string {
  if (text.startsWith("<")) return text.replaceAll(/[<>\s]/g, "");
  const plain = text
    .slice(1, -1)
    .replaceAll(/\\([0-7]{1,3}|[\s\S])/g, (_, escaped: string) =>
      /^[0-7]/.test(escaped) ? String.fromCharCode(Number.parseInt(escaped, 8)) : (ESCAPES[escaped] ?? escaped),
    );
  return Buffer.from(plain, "latin1").toString("hex");
}

/** A font's map from codes to text. */
function unicodeOf(id: string | undefined, objects: Objects): ReadonlyMap<number, string> {
  const map = new Map<number, string>();
  if (id === undefined) return map;
  const source = itemAt(id, objects).data ?? "";
  const number = (hex: string): number => Number.parseInt(hex, 16);
  for (const [, lines = ""] of source.matchAll(/beginbfchar([\s\S]*?)endbfchar/g))
    for (const [, code = "", to = ""] of lines.matchAll(/<(\w+)>\s*<(\w+)>/g)) map.set(number(code), utf16(to));
  for (const [, lines = ""] of source.matchAll(/beginbfrange([\s\S]*?)endbfrange/g))
    for (const [, from = "", last = "", to = "", list = ""] of lines.matchAll(/<(\w+)>\s*<(\w+)>\s*(?:<(\w+)>|\[([^\]]*)\])/g)) {
      const each = list.match(/\w+/g);
      for (let code = number(from); code <= number(last); code++)
        map.set(code, each ? utf16(each[code - number(from)] ?? "") : utf16(to, code - number(from)));
    }
  return map;
}

/** Text of UTF-16 in hexadecimal, its last unit moved by so many. */
function utf16(hex: string, by = 0): string {
  const units = (hex.match(/.{4}/g) ?? []).map((unit) => Number.parseInt(unit, 16));
  return String.fromCharCode(...units.map((unit, index) => (index === units.length - 1 ? unit + by : unit)));
}
