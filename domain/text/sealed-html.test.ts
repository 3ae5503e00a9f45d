import { Tokenizer } from "htmlparser2";
import { describe, expect, test } from "vitest";
import { hostileMails } from "../../testing/hostile/mails.ts";
import { sealHtml } from "./sealed-html.ts";

const CANARY = "http://127.0.0.1:1";

/** The names of all elements and attributes of a text. */
function namesIn(html: string): { elements: string[]; attributes: string[]; sources: string[] } {
  const found = { elements: [] as string[], attributes: [] as string[], sources: [] as string[] };
  let attribute = "";
  const none = (): void => {};
  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      ...{ ontext: none, ontextentity: none, oncomment: () => found.elements.push("comment"), oncdata: none, ondeclaration: none },
      ...{ onattribentity: none, onattribend: none, onclosetag: none, onopentagend: none, onselfclosingtag: none, onend: none },
      onprocessinginstruction: none,
      onopentagname: (start, end) => found.elements.push(html.slice(start, end)),
      onattribname: (start, end) => {
        attribute = html.slice(start, end);
        found.attributes.push(attribute);
      },
      onattribdata: (start, end) => void (attribute === "src" && found.sources.push(html.slice(start, end))),
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return found;
}

const INERT = /^(?:x-[a-z0-9-]+|img|style|p|table|tr|td|body|div|section|pre|h1|ul|li|b)$/;
const LOOKS = /^(?:style|class|src|title|align|width|height|color|role|alt)$/;

describe("nothing of a hostile mail is left that a browser would act on", () => {
  test.each(hostileMails(CANARY))("%s", (_title, html) => {
    const sealed = sealHtml(html).html;
    const { elements, attributes, sources } = namesIn(sealed);
    expect(elements.filter((name) => !INERT.test(name))).toEqual([]);
    expect(attributes.filter((name) => !LOOKS.test(name))).toEqual([]);
    expect(sources.filter((source) => !source.startsWith("data:image/"))).toEqual([]);
    // Within a style nothing loads, however it is written.
    for (const [, css = ""] of sealed.matchAll(/<style>([^<]*)<\/style>/g)) expect(css).not.toMatch(/url\(|@import|image-set\(|\\/i);
    for (const [, css = ""] of sealed.matchAll(/style="([^"]*)"/g)) expect(css).not.toMatch(/url\(|image-set\(|\\/i);
  });
});

test.each<[string, string, string]>([
  [
    "looks stay",
    '<table width="600" bgcolor="#eee"><tr><td align="center" style="color: red; padding: 4px">Hi</td></tr></table>',
    '<table width="600" bgcolor="#eee"><tr><td align="center" style="color: red; padding: 4px">Hi</td></tr></table>',
  ],
  [
    "style sheets stay, with their selectors",
    "<style>td > p { color: red }</style><p>x</p>",
    "<style>td > p { color: red }</style><p>x</p>",
  ],
  ["a link keeps its text", '<a href="https://shop.example/x" class="c">Shop &amp; more</a>', '<x-a class="c">Shop &amp; more</x-a>'],
  [
    "an image that the mail carries stays",
    '<img alt="dot" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
    '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="dot">',
  ],
  [
    "any other image is a box with its words",
    '<img alt="Our <b>car" src="https://cdn.example/car.png" width="10">',
    '<x-img alt="Our &lt;b&gt;car" width="10">[image: Our &lt;b&gt;car]</x-img>',
  ],
  ["what scripts would hide is shown", "<noscript>Price: $1</noscript>", "<x-noscript>Price: $1</x-noscript>"],
  [
    "a style attribute loses its addresses alone",
    '<p style="color:red;background:url(https://x.example/b.png)">x</p>',
    '<p style="color:red;background:x-none(https://x.example/b.png)">x</p>',
  ],
])("%s", (_title, html, wanted) => {
  expect(sealHtml(html).html).toBe(`<!doctype html><style>x-a{text-decoration:underline}</style>${wanted}`);
});

test("targets and loads are listed, each once, with the text of the link", () => {
  const { links, loads } = sealHtml(
    `<a href="https://a.example/1"> Read <b>more</b> </a><a href="https://a.example/1">again</a><form action="https://f.example"></form>
     <img src="https://i.example/a.png"><p style="background:url('https://i.example/b.png')">x</p><link rel=preconnect href="https://p.example">
     <style>@import "https://s.example/a.css"</style>`,
  );
  expect(links).toEqual([
    { target: "https://a.example/1", text: "Read more again" },
    { target: "https://f.example", text: "" },
  ]);
  expect(loads).toEqual(["https://i.example/a.png", "https://i.example/b.png", "https://p.example", "https://s.example/a.css"]);
});

test("lists are bounded, and reading is linear", () => {
  const many = Array.from(
    { length: 1_000 },
    (_, index) => `<a href="https://a.example/${index}"><img src="https://i.example/${index}">`,
  ).join("");
  const { links, loads } = sealHtml(many);
  expect([links.length, loads.length]).toEqual([200, 200]);
  expect(sealHtml("<div>".repeat(50_000)).html.length).toBeLessThan(400_000);
});
