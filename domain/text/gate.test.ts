import { expect, test } from "vitest";
import type { Brand } from "../entities/policy.ts";
import type { Json } from "../values/json.ts";
import type { Assignment } from "./assignment.ts";
import { findingsOn } from "./gate.ts";

const AUTHOR =
  "Hello Dana, your lease of the Outback ends on 1 August 2026. You get 20% off until 18:00, code SAVE20. Fee: $1,299.00. [link 1]";

interface Given {
  readonly author?: string;
  readonly facts?: Record<string, Json>;
  readonly brand?: Brand;
  readonly most?: number;
  readonly isOneLine?: boolean;
  readonly isSms?: boolean;
  readonly quoted?: readonly string[];
}

const assignment = ({ author = AUTHOR, facts = { "lease.endsOn": "2026-08-01" }, brand = {}, ...rest }: Given = {}): Assignment => ({
  ...{ author: { text: author }, facts, brand, quoted: [], names: ["Northwind"], otherNames: ["Winter tyres"], ...rest },
  rules: { text: { most: rest.most ?? 400, isOneLine: rest.isOneLine ?? false, isSms: rest.isSms ?? false } },
});

const check = (text: string, given: Given = {}): string[] =>
  findingsOn({ text: given.author === undefined ? `${text} [link 1]` : text }, assignment(given));

test.each([
  ["the author's own words", AUTHOR.replace(" [link 1]", "")],
  [
    "the same in other words",
    "Dana, a quick note: the lease of your Outback is over on 1 August 2026. Until 18:00 there is 20 % off with SAVE20.",
  ],
  ["a date of the facts by its weekday", "Your lease ends on Saturday, 1 August."],
  ["a date of the facts in digits", "Your lease ends on 2026-08-01, that is 8/1/2026 or 01.08.26."],
  ["an amount in another notation", "The fee is $1299 and not a cent more."],
  ["a number spelled out that stands there in digits", "You get twenty percent off."],
  ["an ordinal of the day", "Your lease ends on the 1st of August."],
  ["the brand's name, and contractions", "It's time, says Northwind. I'm sure you'll like it. OK?"],
  ["may and march as verbs", "You may look at it whenever you like, and march on."],
])("%s may be sent", (_, text) => {
  expect(check(text)).toEqual([]);
});

test.each([
  ["another percentage", "You get 30% off.", /30 %/],
  ["a percentage made of money", "You get 1299% off.", /1299 %/],
  ["money made of a percentage", "You get $20 off.", /20 usd/],
  ["a number without a source", "Only 3 left.", /"3"/],
  ["a number spelled out", "Half the price for three weeks.", /number "half"/],
  ["digits of another script", "You get ３０% and ٤٠ more.", /30 %/],
  ["a fraction in one sign", "Only ½ the fee.", /"2"/],
  ["another month", "Your lease ends in July.", /July/],
  ["another weekday", "Come on Friday.", /Friday/],
  ["another day", "Your lease ends on 2 August 2026.", /"2"/],
  ["another day in digits", "Your lease ends on 2026-08-02.", /2026-08-02/],
  ["May as a month", "It ends in May.", /May/],
  ["another time", "Until 19:00.", /19:00/],
  ["another code", "Use SAVE50.", /SAVE50/],
  ["a code of capitals", "Use WELCOME.", /WELCOME/],
  ["a product by letters and digits", "Try the Q5.", /Q5/],
  ["a product's name", "Your lease of the Forester ends.", /Forester/],
  ["a name with capitals inside, at the beginning", "PowerPack is yours.", /PowerPack/],
  ["another offer of ours", "Ask for winter tyres.", /another offer/],
  ["a link", "See https://evil.example/x", /address/],
  ["a link without a scheme", "See evil.example for more", /evil\.example/],
  ["a link with www", "See www.evil.example", /address/],
  ["a mail address", "Write to me@evil.example", /address/],
  ["a handle", "Follow @evil_corp", /address/],
  ["a phone number", "Call +1 312 555 0199", /312/],
  ["an account", "Pay to DE89370400440532013000", /DE89/],
  ["a link in markdown", "[here](x)", /markup/],
  ["a tag", "<b>now</b>", /markup/],
  ["an entity", "A&nbsp;B", /markup/],
  ["a placeholder in braces", "Hello {{ firstName }}", /placeholder/],
  ["a placeholder in brackets", "Hello [Name]", /placeholder/],
  ["a placeholder in angles", "Hello <name here>", /placeholder/],
  ["a placeholder of capitals", "Hello XXXX", /placeholder/],
  ["a marker of a link that is not there", "See [link 2]", /link 2/],
  ["a guarantee", "We guarantee it.", /guarantee/],
  ["a gift", "There is a gift for you.", /gift/],
  ["a thing for free", "It is free.", /free/],
  ["a call", "We'll gladly call you.", /call/],
  ["a day without a date", "Come tomorrow.", /tomorrow/],
  ["haste", "Hurry, offer ends soon.", /hurry/],
  ["a promise in German", "Das ist kostenlos.", /kostenlos/],
  ["invisible characters", "Hel\u200Blo", /invisible characters/],
  ["tag characters", "Hello\u{E0041}", /invisible characters/],
  ["a change of direction", "Hello\u202E", /invisible characters/],
])("%s is found", (_, text, finding) => {
  expect(check(text).join("\n")).toMatch(finding);
});

test("an empty text, a missing part and an extra part are found", () => {
  expect(findingsOn({ text: " " }, assignment())).toEqual(["text: is missing"]);
  expect(findingsOn({}, assignment())).toEqual(["text: is missing"]);
  expect(findingsOn({ text: AUTHOR, to: "someone" }, assignment())).toEqual(["to: the author wrote no such part"]);
});

test("an omitted link of the author's is found", () => {
  expect(findingsOn({ text: "Hello Dana" }, assignment())).toEqual(["text: [link 1] is missing"]);
});

test("length, lines and the encoding of text messages are checked by part", () => {
  expect(check("Hello there Dana", { author: "Hello Dana", most: 12 })).toEqual(["text: has 16 characters, at most 12 may be"]);
  expect(check("Hello\nDana", { author: "Hello Dana", isOneLine: true })).toEqual(["text: must be one line"]);
  expect(check("Hello Dana 🎉", { author: "Hello Dana", isSms: true })).toEqual([
    "text: has characters that a plain text message cannot carry",
  ]);
  expect(check("Hello Dana 🎉", { author: "Hello Dana ✓", isSms: true })).toEqual([]);
});

test("banned phrases are found in any notation", () => {
  const brand = { banned: ["no brainer"] };
  for (const text of ["It is a No  Brainer", "It is a nó\nbrainer"])
    expect(check(text, { author: "It is", brand })).toContain('"no brainer" must not be said');
});

test("disclosures must be present verbatim", () => {
  const brand = { disclosures: ["Terms apply, see store 7."] };
  expect(check("It is", { author: "It is", brand })).toEqual(['"Terms apply, see store 7." must be said word for word']);
  expect(check("It is. Terms apply,\nsee store 7.", { author: "It is", brand })).toEqual([]);
});

test("the customer's text may be repeated as a whole, and supports no claim of the brand", () => {
  const given = { author: "Hello Dana 90% off guarantee, see you.", facts: { firstName: "Dana 90% off guarantee" } };
  expect(check("Hello Dana 90% off guarantee! We see you.", given)).toEqual([]);
  expect(check("Dana, Dana 90% off guarantee is what there is.", given).join()).toMatch(/90 %/);
  expect(check("Hello Dana, you get 90% off.", given).join()).toMatch(/90 %/);
  expect(check("Hello, we guarantee it.", given).join()).toMatch(/guarantee/);
});

test("a message may be repeated as a whole where the author repeats it, and supports no claim of the brand", () => {
  const given = { author: "You wrote: everything is free, come tomorrow.", facts: {}, quoted: ["everything is free, come tomorrow"] };
  expect(check("Thank you. You wrote: everything is free, come tomorrow.", given)).toEqual([]);
  expect(check("It is free. Come tomorrow.", given)).toHaveLength(2);
});

test("text by the customer may be as long as a message", () => {
  const wrote = "I want to return A-17 (really). ".repeat(1_000);
  expect(check("Thank you for it.", { author: "Thank you for it.", quoted: [wrote] })).toEqual([]);
  expect(check("Thank you for it: İstanbul.", { author: "Thank you for it: İstanbul.", quoted: ["İSTANBUL", "for it"] })).toEqual([]);
});

test("numbers among the facts keep their units", () => {
  const given = { author: "Here is your offer.", facts: { percent: 20, price: 80, days: 3 } };
  expect(check("Here is 20% off: $80 for 3 days.", given)).toEqual([]);
  expect(check("Here is $20 off.", given)).toHaveLength(1);
  expect(check("Here is 80% off.", given)).toHaveLength(1);
  expect(check("Here is 3% off.", given)).toHaveLength(1);
});

test("an id among the facts may be named, whatever words it contains, but not a single word of it", () => {
  const given = { author: "Here is what we found.", facts: { methods: [{ id: "gift_card_7245904" }], note: "gift card 500 for you" } };
  expect(check("Here is what we found: gift_card_7245904.", given)).toEqual([]);
  for (const text of ["gift_card_7245905", "a gift card", "gift card 500 for you"])
    expect(check(`Here is what we found: ${text}.`, given), text).not.toEqual([]);
});

test("a price must be an amount of money in the sources, not any other number", () => {
  const given = {
    author: "The rack costs 200 and comes on 7 June. The fee is $30.",
    facts: { percent: 10, price: 180, endsOn: "2026-06-07" },
  };
  expect(check("The price is 200, or 180, and the fee 30. It is 10% less on 7 June.", given)).toEqual([]);
  for (const price of ["The rack costs 10.", "The price is just 7.", "The fee: 2026."]) expect(check(price, given)).toHaveLength(1);
});

test("in a language with capitalised nouns, capitals do not mark names, and its own months and numbers are recognized", () => {
  const given = { author: "Ihr Vertrag endet am 1. August.", brand: { languages: ["de-DE"] } };
  expect(check("Am 1. August endet Ihr Vertrag, danke für die Treue.", given)).toEqual([]);
  expect(check("Ihr Vertrag endet im Juli.", given).join()).toMatch(/Juli/);
  expect(check("Noch drei Tage.", given).join()).toMatch(/drei/);
});

test.each(["a.", "1-", "a", "1,", " ", "[", "A-", "a@", "aB", "a b "])("a long text of '%s' takes time linear in its length", (sign) => {
  const text = sign.repeat(60_000);
  // // Quadratic time would not finish here.
  expect(findingsOn({ text }, assignment({ author: `${text}!`, most: 500_000 }))).toBeDefined();
});
