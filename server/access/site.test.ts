import { describe, expect, test } from "vitest";
import { cookieFor, cookieIn, siteOf, whyForeign } from "./site.ts";

const PUBLIC = "https://care.example.com";

describe("the site of a Host", () => {
  test.each([
    ["127.0.0.1:3000", undefined, "http://127.0.0.1:3000", "sentient-3000", false],
    ["localhost:3000", undefined, "http://localhost:3000", "sentient-3000", false],
    ["LOCALHOST:3000", undefined, "http://localhost:3000", "sentient-3000", false],
    ["[::1]:3000", undefined, "http://[::1]:3000", "sentient-3000", false],
    ["127.1.2.3:8080", PUBLIC, "http://127.1.2.3:8080", "sentient-8080", false],
    ["localhost", undefined, "http://localhost", "sentient-80", false],
    ["localhost:80", undefined, "http://localhost", "sentient-80", false],
    ["care.example.com", PUBLIC, PUBLIC, "__Host-sentient", true],
    ["Care.Example.com", `${PUBLIC}/desk`, PUBLIC, "__Host-sentient", true],
    ["care.example.com:8443", `${PUBLIC}:8443`, `${PUBLIC}:8443`, "__Host-sentient", true],
    ["care.example.com:81", "http://care.example.com:81", "http://care.example.com:81", "sentient-81", false],
  ])("%s with the public address %s is %s", (host, publicUrl, origin, cookie, isSecure) => {
    expect(siteOf(host, publicUrl)).toEqual({ origin, cookie, isSecure });
  });

  test.each([
    ["a name of somebody else", "evil.example.com:3000", undefined],
    ["the public address where none is configured", "care.example.com", undefined],
    ["another port of the public address", "care.example.com:81", PUBLIC],
    ["a name that begins like loopback", "127.0.0.1.evil.example:3000", undefined],
    ["a name that begins like localhost", "localhost.evil.example:3000", undefined],
    ["a name that ends like localhost", "evil.localhost:3000", undefined],
    ["a number that a browser reads as loopback", "2130706433:3000", undefined],
    ["an address in the network", "192.168.0.7:3000", undefined],
    ["any address", "0.0.0.0:3000", undefined],
    ["a user name", "127.0.0.1@evil.example", undefined],
    ["a path", "127.0.0.1:3000/evil", undefined],
    ["nothing", "", undefined],
    ["no header", undefined, PUBLIC],
  ])("%s is none", (_what, host, publicUrl) => {
    expect(siteOf(host, publicUrl)).toBeUndefined();
  });
});

describe("where a request comes from", () => {
  const ORIGIN = "http://127.0.0.1:3000";
  const JSON_TYPE = "application/json";
  test.each<readonly [string, string, Readonly<Record<string, string>>, boolean]>([
    ["a page of ours reads", "GET", { "sec-fetch-site": "same-origin" }, true],
    ["a page of ours asks for the head", "HEAD", { "sec-fetch-site": "same-origin" }, true],
    ["a page of ours writes", "POST", { "sec-fetch-site": "same-origin", origin: ORIGIN, "content-type": JSON_TYPE }, true],
    [
      "a page of ours writes, with a character set",
      "POST",
      { "sec-fetch-site": "same-origin", origin: ORIGIN, "content-type": "application/json; charset=utf-8" },
      true,
    ],
    [
      "a page of ours sends lines",
      "POST",
      { "sec-fetch-site": "same-origin", origin: ORIGIN, "content-type": "application/x-ndjson" },
      true,
    ],
    ["a person types the address", "GET", { "sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }, true],
    ["none, and no document", "GET", { "sec-fetch-site": "none", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }, false],
    [
      "none, and writes",
      "POST",
      { "sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", origin: ORIGIN, "content-type": JSON_TYPE },
      false,
    ],
    ["another port of this machine reads", "GET", { "sec-fetch-site": "same-site" }, false],
    [
      "another port of this machine writes",
      "POST",
      { "sec-fetch-site": "same-site", origin: "http://127.0.0.1:4000", "content-type": JSON_TYPE },
      false,
    ],
    ["another site reads", "GET", { "sec-fetch-site": "cross-site" }, false],
    [
      "another site links here",
      "GET",
      { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
      false,
    ],
    ["another site writes", "POST", { "sec-fetch-site": "cross-site", origin: "https://evil.example", "content-type": JSON_TYPE }, false],
    ["a browser that does not say reads", "GET", {}, false],
    ["a browser that does not say writes", "POST", { origin: ORIGIN, "content-type": JSON_TYPE }, false],
    ["a write without Origin", "POST", { "sec-fetch-site": "same-origin", "content-type": JSON_TYPE }, false],
    [
      "a write with the origin of a sealed frame",
      "POST",
      { "sec-fetch-site": "same-origin", origin: "null", "content-type": JSON_TYPE },
      false,
    ],
    [
      "a write from another port with a false header",
      "POST",
      { "sec-fetch-site": "same-origin", origin: "http://127.0.0.1:4000", "content-type": JSON_TYPE },
      false,
    ],
    ["a read with another origin", "GET", { "sec-fetch-site": "same-origin", origin: "http://127.0.0.1:4000" }, false],
    ["a form", "POST", { "sec-fetch-site": "same-origin", origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" }, false],
    ["plain text", "POST", { "sec-fetch-site": "same-origin", origin: ORIGIN, "content-type": "text/plain" }, false],
    [
      "a type that only begins like JSON",
      "POST",
      { "sec-fetch-site": "same-origin", origin: ORIGIN, "content-type": "application/jsonx" },
      false,
    ],
    ["a write without a type", "POST", { "sec-fetch-site": "same-origin", origin: ORIGIN }, false],
    ["two words in one header", "GET", { "sec-fetch-site": "same-origin, cross-site" }, false],
  ])("%s: %s", (_what, method, headers, isOurs) => {
    expect(whyForeign({ method, header: (name) => headers[name] }, ORIGIN) === undefined).toBe(isOurs);
  });
});

test.each([
  ["a=1; sentient-3000=token; b=2", "token"],
  ["sentient-3000=token", "token"],
  ["sentient-3000=", ""],
  ["sentient-3000=one; sentient-3000=two", undefined],
  ["xsentient-3000=token; sentient-30000=other", undefined],
  ["sentient-3000", undefined],
  ["", undefined],
  [undefined, undefined],
  [`${"a=b; ".repeat(5_000)}sentient-3000=token`, "token"],
])("the cookie in %j", (header, expected) => {
  expect(cookieIn(header, "sentient-3000")).toBe(expected);
});

test("a cookie is out of reach of scripts and other sites, and over https of anything but this very host", () => {
  const [secure, plain] = [siteOf("care.example.com", PUBLIC), siteOf("127.0.0.1:3000", undefined)];
  if (!secure || !plain) throw new Error("no site");
  expect(cookieFor(secure, "t")).toBe("__Host-sentient=t; HttpOnly; SameSite=Strict; Path=/; Secure");
  expect(cookieFor(plain, "t")).toBe("sentient-3000=t; HttpOnly; SameSite=Strict; Path=/");
  expect(cookieFor(plain, undefined)).toBe("sentient-3000=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
});
