import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressForm, addressIn, flawOf, sendForm } from "./address-form.ts";

const LONDON = [
  "+442079460018",
  "+44 (0)20 7946 0018",
  "+44(0)20 7946 0018",
  "+44 [0] 20 7946 0018",
  "(+44) (0) 20 7946 0018",
  "+44–(0)20–7946–0018",
  "0044 20 7946 0018",
  "00 44 (0)20 7946 0018",
  "tel:+44-20-7946-0018",
  "TEL:+44.20.7946.0018;ext=12",
  "tel:20-7946-0018;phone-context=+44",
  "sms:+442079460018",
  "+44 20 7946 0018 ext. 12",
  "＋４４　２０　７９４６　００１８",
  "\u200e+44\u00a020\u202f7946\u20090018\u202c",
  "\u2066+44 20 7946 0018\u2069",
  "\u202a+44\u200b20\u00ad7946\u20600018\ufeff",
  ...["\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2212", "-", ".", "/", "\u00b7"].map((sign) =>
    ["+44", "20", "7946", "0018"].join(sign),
  ),
];

describe("F14: phones are compared by their digits", () => {
  test.each(LONDON)("%j", (written) => {
    expect(addressForm("phone", written)).toBe("442079460018");
    expect(sendForm("phone", written)).toBe("+442079460018");
    expect(flawOf("phone", written)).toBeUndefined();
  });

  test("digits without a plus are the same phone, and no country code is made up for them", () => {
    expect(addressForm("phone", "15555550100")).toBe(addressForm("phone", "+1 (555) 555-0100"));
    expect(sendForm("phone", "1 555 555 0100")).toBe("15555550100");
    expect(addressForm("phone", "(555) 555-0100")).not.toBe(addressForm("phone", "+1 (555) 555-0100"));
  });

  test("digits of other scripts, and a messenger's prefix, which stays in front of the send form", () => {
    expect(addressForm("phone", "+٤٤ ٢٠ ٧٩٤٦ ٠٠١٨")).toBe("442079460018");
    expect(addressForm("phone", "whatsapp:+44 20 7946 0018")).toBe("442079460018");
    expect(sendForm("phone", "whatsapp:+44 20 7946 0018")).toBe("whatsapp:+442079460018");
  });

  test.each(["call me", "n/a", "1-800-FLOWERS", "+1 555 CALL", "+12345678901234567"])("%j is no number", (written) => {
    expect(flawOf("phone", written)).toContain("not a phone number");
  });

  test("texts that are no numbers are not one phone because of the digits in them", () => {
    expect(addressForm("phone", "room 5")).not.toBe(addressForm("phone", "desk 5"));
  });
});

describe("F5: mail is compared without regard to case and outer blanks", () => {
  test.each([
    "ann@x.example",
    "ann@x.example ",
    " Ann@X.Example",
    "\tANN@x.example\n",
    "\u200eann@x.example\ufeff",
    "mailto:ann@x.example",
  ])("%j", (written) => {
    expect(addressForm("email", written)).toBe("ann@x.example");
    expect(flawOf("email", written)).toBeUndefined();
  });

  test("the send form keeps the case", () => expect(sendForm("email", " Ann.Lee@x.example\u00a0")).toBe("Ann.Lee@x.example"));

  test("a composed letter and its parts are one", () =>
    expect(addressForm("email", "jos\u00e9@x.example")).toBe(addressForm("email", "jose\u0301@x.example")));

  test.each([
    "ann at x.example",
    "ann@",
    "@x.example",
    "a b@x.example",
    "ann@x.example, bea@x.example",
    "ann@x.example\r\nBcc: eve@y.example",
  ])("%j is no mail address", (written) => expect(flawOf("email", written)).toContain("not a mail address"));
});

test.each(["email", "phone", "push", "user"])("friction: blanks are no %s address", (type) => {
  for (const blank of ["", "   ", "\t\n", "\u00a0"]) expect([addressForm(type, blank), flawOf(type, blank)]).toEqual(["", "it is empty"]);
});

test("friction: a phone given as a number is its digits; other traits are texts", () => {
  expect(addressIn("phone", 15555550100)).toBe("15555550100");
  expect([
    addressIn("phone", 1.5),
    addressIn("phone", -1),
    addressIn("phone", 2 ** 60),
    addressIn("email", 7),
    addressIn("phone", ["1"]),
  ]).toEqual(Array(5).fill(undefined));
});

test("other identities are compared exactly", () => {
  expect(addressForm("user", " Ann ")).toBe(" Ann ");
  expect(sendForm("push", "Token")).toBe("Token");
});

test("the comparison form of a form, and of a send form, is the same form", () => {
  const signs = fc.constantFrom(..."+0123456789()-–. xX@aÄé;=:\u200e\u00a0/".split(""), "ext", "tel:", "(0)", "00");
  fc.assert(
    fc.property(fc.constantFrom("email", "phone", "user"), fc.array(signs, { maxLength: 14 }), (type, parts) => {
      const written = parts.join("");
      const form = addressForm(type, written);
      if (flawOf(type, written) === undefined) expect(addressForm(type, sendForm(type, written))).toBe(form);
    }),
    { numRuns: 3_000 },
  );
});
