import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { HOUR, MINUTE, SECOND } from "../../domain/values/time.ts";
import { NOW } from "../../testing/builders.ts";
import { readToken } from "./site-token.ts";

const SECRET = "site-secret-of-a-test-with-32-bytes";
const HEAD = { alg: "HS256", typ: "JWT" };
const CLAIMS = { sub: "c-1", exp: (NOW + 10 * MINUTE) / SECOND };

const part = (value: unknown): string => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const signed = (head: unknown, claims: unknown, secret = SECRET, hash = "sha256"): string => {
  const text = `${part(head)}.${part(claims)}`;
  return `${text}.${createHmac(hash, secret).update(text).digest("base64url")}`;
};
const read = (token: string) => readToken(token, { secret: SECRET, now: NOW, audiences: ["shop", "https://shop.example"] });
const problemOf = (token: string): string => {
  const reading = read(token);
  return reading.ok ? `accepted for ${reading.customerId}` : reading.problem;
};

test("a token names its customer", () => {
  expect(read(signed(HEAD, CLAIMS))).toEqual({ ok: true, customerId: "c-1" });
  expect(read(signed({ alg: "HS256" }, { ...CLAIMS, iat: NOW / SECOND, nbf: NOW / SECOND, jti: "x" }))).toEqual({
    ok: true,
    customerId: "c-1",
  });
});

test("a token counts as often as it is shown, until it ends", () => {
  const token = signed(HEAD, CLAIMS);
  const at = (now: number) => readToken(token, { secret: SECRET, now, audiences: [] }).ok;
  expect([NOW, NOW, NOW + 10 * MINUTE - 1, NOW + 10 * MINUTE].map(at)).toEqual([true, true, true, false]);
});

describe("time", () => {
  test.each([
    ["ends now", NOW, "has expired; it was valid until 2026-06-01T15:00:00Z"],
    ["ended a second ago", NOW - SECOND, "has expired"],
    ["ends in a second", NOW + SECOND, "accepted"],
    ["ends in an hour", NOW + HOUR, "accepted"],
    ["ends a second after that", NOW + HOUR + SECOND, "more than an hour ahead"],
    ["ends in milliseconds, as some libraries write", NOW * SECOND, "more than an hour ahead"],
    ["ends beyond every calendar", 1e300, "more than an hour ahead"],
  ])("%s: %s", (_what, end, problem) => {
    expect(problemOf(signed(HEAD, { ...CLAIMS, exp: end / SECOND }))).toContain(problem);
  });

  test.each([
    ["the site's clock is ahead by a minute", NOW + MINUTE, "accepted"],
    ["by more", NOW + MINUTE + SECOND, "not valid yet"],
  ])("not before: %s", (_what, begin, problem) => {
    expect(problemOf(signed(HEAD, { ...CLAIMS, nbf: begin / SECOND }))).toContain(problem);
  });
});

test.each([
  ["for this key", "shop", "accepted"],
  ["for its origin, among others", ["https://shop.example", "https://app.example"], "accepted"],
  ["for another site", "https://other.example", "aud names neither"],
  ["for a list of nobody", [], "aud names neither"],
  ["for what is no text", [{}], "aud names neither"],
])("a token %s", (_what, aud, problem) => {
  expect(problemOf(signed(HEAD, { ...CLAIMS, aud }))).toContain(problem);
});

const [head = "", claims = "", signature = ""] = signed(HEAD, CLAIMS).split(".");
test.each([
  ["no algorithm", signed({ alg: "none" }, CLAIMS), "HS256"],
  ["no algorithm and no signature", `${part({ alg: "none" })}.${claims}.`, "compact form"],
  ["another spelling of none", signed({ alg: "nOnE" }, CLAIMS), "HS256"],
  ["no algorithm named", signed({ typ: "JWT" }, CLAIMS), "HS256"],
  ["several algorithms", signed({ alg: ["HS256"] }, CLAIMS), "HS256"],
  ["another algorithm of the same secret", signed({ alg: "HS512" }, CLAIMS, SECRET, "sha512"), "HS256"],
  ["a public key's algorithm", signed({ alg: "RS256" }, CLAIMS), "HS256"],
  ["a critical extension", signed({ ...HEAD, crit: ["b64"], b64: false }, CLAIMS), "critical extensions"],
  ["another secret", signed(HEAD, CLAIMS, "x".repeat(32)), "signature"],
  ["the empty secret", signed(HEAD, CLAIMS, ""), "signature"],
  ["another customer under the signature of one", `${head}.${part({ ...CLAIMS, sub: "c-2" })}.${signature}`, "signature"],
  ["a cut signature", `${head}.${claims}.${signature.slice(0, -1)}`, "signature"],
  ["a longer signature", `${head}.${claims}.${signature}A`, "signature"],
  ["another text of the same signature", `${head}.${claims}.${signature.slice(0, -1)}${otherSpelling(signature.slice(-1))}`, "signature"],
  ["a blank before it", ` ${signed(HEAD, CLAIMS)}`, "compact form"],
  ["padding", `${head}.${claims}=.${signature}`, "compact form"],
  ["four parts", `${head}.${claims}.${signature}.x`, "compact form"],
  ["nothing", "", "compact form"],
  ["a header that is no object", signed("[]", CLAIMS), "header is no JSON object"],
  ["a payload that is no JSON", signed(HEAD, "x"), "payload is no JSON object"],
  ["a payload of many levels", signed(HEAD, `${"[".repeat(20)}${"]".repeat(20)}`), "payload is no JSON object"],
  ["no customer", signed(HEAD, { exp: CLAIMS.exp }), "expected sub"],
  ["a blank customer", signed(HEAD, { ...CLAIMS, sub: " " }), "expected sub"],
  ["a customer that is a number", signed(HEAD, { ...CLAIMS, sub: 1 }), "expected sub"],
  ["a customer without end", signed(HEAD, { ...CLAIMS, sub: "c".repeat(513) }), "expected sub"],
  ["no end", signed(HEAD, { sub: "c-1" }), "expected exp"],
  ["an end as text", signed(HEAD, { ...CLAIMS, exp: String(CLAIMS.exp) }), "expected exp"],
  ["a length without end", signed(HEAD, { ...CLAIMS, x: "x".repeat(4096) }), "longer than 4096"],
])("a token with %s is refused, and not repeated", (_what, token, problem) => {
  expect(problemOf(token)).toContain(problem);
  if (token !== "") expect(problemOf(token)).not.toContain(token);
});

/** The last character of 32 bytes in base64url has two bits that decode to nothing. */
function otherSpelling(last: string): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return letters[letters.indexOf(last) ^ 1] ?? "";
}
