import { expect, test } from "vitest";
import { plainTextOf } from "./plain-text.ts";

test.each([
  ["paragraphs", "<p>One</p><p>Two<br>Three</p>", "One\n\nTwo\nThree"],
  ["spaces and line breaks of the source", "<p>One\n   two</p>\n\n  <p>  three </p>", "One two\n\nthree"],
  ["a link with its address", '<a href="https://x.example/?a=1&amp;b=2">Book</a> now', "Book (https://x.example/?a=1&b=2) now"],
  ["a link that shows its address once", '<a href="https://x.example/">https://x.example/</a>', "https://x.example/"],
  ["a link around a picture", '<a href="https://x.example/"><img src="x.png" alt="The car"></a>', "The car (https://x.example/)"],
  ["a link without an address of its own", '<a href="#top">Up</a> <a href="javascript:x()">Click</a>', "Up Click"],
  ["a mail address", '<a href="mailto:care@x.example">care@x.example</a>', "care@x.example"],
  ["lists", "<ul><li>one</li><li>two</li></ul>", "- one\n- two"],
  ["cells of a table", "<table><tr><td>Price</td><td>9</td></tr><tr><td>Tax</td><td>1</td></tr></table>", "Price 9\n\nTax 1"],
  ["characters by name and number", "&lt;b&gt; &amp;amp; &eacute;&Uuml;&#233;&#x20ac;&nbsp;&euro; &unknown;", "<b> &amp; éÜé€ € &unknown;"],
  ["numbers that are no characters", "a&#0;b&#xd800;c&#99999999;d&#x110000;e&#31;", "abcde"],
  ["what is not shown", "<head><title>T</title></head><style>p{}</style><script>x<p>y</script><!-- no --><p>yes</p>", "yes"],
  ["what only Outlook shows", "<!--[if mso]><p>no</p><![endif]--><p>yes</p>", "yes"],
  ["the preview line", '<div style="display:none;"><div>a</div>b</div><p>yes</p>', "yes"],
  ["signs that are no tags", "1 < 2 and 3 > 2", "1 < 2 and 3 > 2"],
  [
    "every name of a sign",
    "It&rsquo;s 200 &euro; &frac12; &zeta; &Cacute;&lcaron; &CounterClockwiseContourIntegral; &copy 2026",
    "It’s 200 € ½ ζ Ćľ ∳ © 2026",
  ],
  [
    "brackets around an address",
    "<p>See <https://x.example/t/42></p><p>Care <care@x.example></p>",
    "See <https://x.example/t/42>\n\nCare <care@x.example>",
  ],
  ["a sign within a quote within a tag", '<p title="a<b>c">text</p>', "text"],
  [
    "a link within a link",
    '<a href="https://x.example/1">one <a href="https://x.example/2">two</a>',
    "one (https://x.example/1)two (https://x.example/2)",
  ],
  ["a paragraph after a hidden one that is not closed", '<p style="display: none">no<p>yes', "yes"],
  ["what fills up the preview line", "<p>yes&nbsp;&zwnj;&#847;&shy;&#8203;</p>", "yes"],
  ["quotes within a tag", '<p title="a > b">text</p>', "text"],
])("shows %s", (_, html, text) => expect(plainTextOf(html)).toBe(text));

test.each([
  "<",
  "<a ",
  '<a href="',
  "<!--",
  "<p",
  "<a href=x>",
  "&amp",
  " \n",
  '<p style="display:none">',
  "<!x",
  "<div>",
  "<div></b>",
  '<a href="https://x.example">x',
  "<a>x</a>",
  "<a@b.example>",
  "<script>",
  "&#1",
  "</",
])("stays fast on many repetitions of %j", (piece) => {
  const html = piece.repeat(Math.floor(200_000 / piece.length));
  expect(plainTextOf(html).length).toBeLessThanOrEqual(html.length);
});
