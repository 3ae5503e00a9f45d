import { expect, test } from "vitest";
import { type Attributes, escapeHtml, isHtml, markedUp, readHtml, withAddressesAsText } from "./html.ts";

function toldOf(source: string): unknown[] {
  const told: unknown[] = [];
  readHtml(source, {
    text: (text) => told.push(text),
    open: (name, attributes: Attributes, at) => told.push([name, Object.fromEntries(attributes), source.slice(at, at + 2)]),
    close: (name, end) => told.push([`/${name}`, source.slice(end - 1, end)]),
  });
  return told;
}

test("tags, their attributes and positions, and decoded entities", () => {
  expect(toldOf('a<A HREF="x?a=1&amp;b" href=2 hidden>b&eacute;</A >c')).toEqual([
    "a",
    ["a", { href: "x?a=1&b", hidden: "" }, "<A"],
    "b",
    "é",
    ["/a", ">"],
    "c",
  ]);
});

test("the content of a script or a style is not markup, and comments are skipped", () => {
  expect(toldOf("<style>p<b></style><!-- <i> --><!doctype html>x<br/>")).toEqual([
    ["style", {}, "<s"],
    "p<b>",
    ["/style", ">"],
    "x",
    ["br", {}, "<b"],
  ]);
});

test.each(["<p>x", "a<br>", "<BR/>", "</div>", "<!-- x -->", "<!doctype html>", "<table border=1>", "<h2 class='x'>", "<mjml><mj-body>"])(
  "%s is HTML",
  (text) => expect(isHtml(text)).toBe(true),
);
test.each(["1 < 2", "<https://shop.example/a>", "Care <care@shop.example>", "<Ann>", "I <3 you", "<p", "<prefix>", "a<b", ""])(
  "%s is not HTML",
  (text) => expect(isHtml(text)).toBe(false),
);

test("an address in angle brackets is text, whatever else is a tag", () => {
  expect(withAddressesAsText("<p><https://a.example/><mailto:a@b.example> <tel:+1> <a@b.example></p>")).toBe(
    "<p>&lt;https://a.example/>&lt;mailto:a@b.example> &lt;tel:+1> &lt;a@b.example></p>",
  );
  expect(withAddressesAsText('<a href="https://x@y">z</a><o:p></o:p>')).toBe('<a href="https://x@y">z</a><o:p></o:p>');
});

test("a text as HTML keeps its entities and escapes other ampersands", () => {
  expect(markedUp("Ann &amp; Bob & <b> &copy=1 &#233; &#xe9; &lt;")).toBe("Ann &amp; Bob &amp; &lt;b&gt; &amp;copy=1 &#233; &#xe9; &lt;");
  expect(escapeHtml(`<a b="c">&`)).toBe("&lt;a b=&quot;c&quot;&gt;&amp;");
});

test("a finished listener receives nothing more", () => {
  const told: string[] = [];
  const listener = {
    isDone: false,
    text: (text: string) => void told.push(text),
    open: () => {
      listener.isDone = true;
    },
    close: () => void told.push("closed"),
  };
  readHtml("a<b>c&amp;</b>d", listener);
  expect(told).toEqual(["a"]);
});
