import { execSync } from "node:child_process";
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { readConfig } from "./config.ts";
import { KEY_COMMAND, MIN_KEY_LENGTH } from "./keys.ts";

const ONE = "one-key-of-a-test";
const TWO = "two-key-of-a-test";
const hash = (key: string): string => `sha256:${createHash("sha256").update(key).digest("hex")}`;
const read = (write: string, operator = "an-operator-of-a-test") =>
  readConfig({ SENTIENT_WRITE_KEYS: write, SENTIENT_OPERATOR_KEYS: operator });

test("weak: the rights of a write key follow it", () => {
  const { writeKeys } = read(`${ONE}, ${TWO}+consent+receipts,${hash("x")}+ask,${"z".repeat(MIN_KEY_LENGTH)} + ask +ask`);
  expect(writeKeys).toEqual([
    { key: ONE, rights: [] },
    { key: TWO, rights: ["consent", "receipts"] },
    { key: hash("x"), rights: ["ask"] },
    { key: "z".repeat(MIN_KEY_LENGTH), rights: ["ask"] },
  ]);
});

test.each([
  ["one letter", "w", "o", ["SENTIENT_WRITE_KEYS: key 1: is shorter", "SENTIENT_OPERATOR_KEYS: key 1: is shorter"]],
  ["one character too few", "x".repeat(MIN_KEY_LENGTH - 1), undefined, ["SENTIENT_WRITE_KEYS: key 1: is shorter than 16"]],
  ["short, and long only with its right", `${"x".repeat(MIN_KEY_LENGTH - 1)}+receipts`, undefined, ["key 1: is shorter"]],
  ["nothing but a right", `${ONE},+consent`, undefined, ["key 2: is shorter"]],
  ["characters of two code units each", "𠮷".repeat(8), undefined, ["key 1: is shorter"]],
  ["twice in one list", `${ONE},${TWO},${ONE}`, undefined, ["key 3: is the same as SENTIENT_WRITE_KEYS: key 1"]],
  ["twice with other rights", `${ONE},${ONE}+consent`, undefined, ["key 2: is the same as"]],
  ["for writing and operating", ONE, `${TWO},${ONE}`, ["SENTIENT_OPERATOR_KEYS: key 2: is the same as SENTIENT_WRITE_KEYS: key 1"]],
  ["once as its hash", `${ONE}+consent`, hash(ONE).toUpperCase().replace("SHA", "sha"), ["SENTIENT_OPERATOR_KEYS: key 1: is the same as"]],
  ["an unknown right", `${ONE}+consents`, undefined, ["key 1: behind a + expected ask, consent, receipts"]],
  ["an empty right", `${ONE}+`, undefined, ["key 1: behind a + expected"]],
  ["a truncated hash", `sha256:${"a".repeat(63)}`, undefined, ["key 1: expected 64 hex digits"]],
])("weak: invalid keys, %s", (_what, write, operator, problems) => {
  for (const problem of problems) expect(() => read(write, operator)).toThrow(problem);
  // No message contains a key, not even an invalid one.
  expect(() => read(write, operator)).toThrow(expect.objectContaining({ code: "BAD_CONFIG", message: expect.not.stringContaining(ONE) }));
});

test("weak: problems of keys are reported together with other problems, with a command that prints a valid key", () => {
  expect(() => readConfig({ SENTIENT_WRITE_KEYS: "w", PORT: "x" })).toThrow(/PORT: expected a port; SENTIENT_WRITE_KEYS: key 1: .*node -p/);
  const key = execSync(KEY_COMMAND, { encoding: "utf8" }).trim();
  expect(read(`${key}+consent`).writeKeys).toEqual([{ key, rights: ["consent"] }]);
});

const people = (console: string, more: Readonly<Record<string, string>> = {}) => readConfig({ SENTIENT_CONSOLE_KEYS: console, ...more });

test("a key of a person has a name and a role; the key may have an = in it, the name a /, and either may be a hash", () => {
  const { consoleKeys } = people(`ann/approver=${ONE}==, Bo B. / desk/operator = ${TWO},ann/viewer=${hash("x")}`);
  expect(consoleKeys).toEqual([
    { name: "ann", role: "approver", key: `${ONE}==` },
    { name: "Bo B. / desk", role: "operator", key: TWO },
    { name: "ann", role: "viewer", key: hash("x") },
  ]);
  expect(people("").consoleKeys).toEqual([]);
});

test.each([
  ["no name", `/viewer=${ONE}`, "key 1: expected NAME/ROLE=KEY"],
  ["no role", `ann=${ONE}`, "key 1: expected NAME/ROLE=KEY"],
  ["no key", "ann/viewer=", "key 1: is shorter than 16"],
  ["a key alone", ONE, "key 1: expected NAME/ROLE=KEY"],
  ["an unknown role", `ann/boss=${ONE}`, "viewer, operator, approver, steward, analyst, admin"],
  ["a role that is a member of every object", `ann/constructor=${ONE}`, "key 1: expected NAME/ROLE=KEY"],
  ["a role with a capital", `ann/Admin=${ONE}`, "key 1: expected NAME/ROLE=KEY"],
  ["a name with a control character", `a\u0007nn/admin=${ONE}`, "key 1: expected NAME/ROLE=KEY"],
  ["a name that turns the line around", `a\u202enn/admin=${ONE}`, "key 1: expected NAME/ROLE=KEY"],
  ["a name without end", `${"a".repeat(101)}/admin=${ONE}`, "key 1: expected NAME/ROLE=KEY"],
  ["a short key", "ann/admin=short", "key 1: is shorter than 16"],
  ["a truncated hash", `ann/admin=sha256:${"a".repeat(63)}`, "key 1: expected 64 hex digits"],
  ["one key for two people", `ann/admin=${ONE},bo/viewer=${ONE}`, "key 2: is the same as SENTIENT_CONSOLE_KEYS: key 1"],
])("a key of a person with %s is refused at start, and not repeated", (_what, given, problem) => {
  expect(() => people(given)).toThrow(problem);
  expect(() => people(given)).toThrow(expect.objectContaining({ code: "BAD_CONFIG", message: expect.not.stringContaining(ONE) }));
});

test.each([
  ["SENTIENT_WRITE_KEYS", `${ONE}+consent`],
  ["SENTIENT_OPERATOR_KEYS", ONE],
  ["SENTIENT_OPERATOR_KEYS", hash(ONE)],
])("a key of a person that is also in %s is refused at start", (variable, given) => {
  expect(() => people(`ann/admin=${ONE}`, { [variable]: given })).toThrow(
    `SENTIENT_CONSOLE_KEYS: key 1: is the same as ${variable}: key 1`,
  );
});

const sites = (given: string, more: Readonly<Record<string, string>> = {}) => readConfig({ SENTIENT_SITE_KEYS: given, ...more });

test("a site key has a name and the origins of its pages; the key may have an = and an @ in it, and may be a hash", () => {
  const { siteKeys } = sites(
    `shop=${ONE}@https://shop.example  https://www.shop.example https://shop.example, kiosk = ${TWO}=@x @http://127.0.0.1:8080,app=${hash("x")}@https://app.example`,
  );
  expect(siteKeys).toEqual([
    { name: "shop", key: ONE, origins: ["https://shop.example", "https://www.shop.example"] },
    { name: "kiosk", key: `${TWO}=@x`, origins: ["http://127.0.0.1:8080"] },
    { name: "app", key: hash("x"), origins: ["https://app.example"] },
  ]);
  expect(sites("").siteKeys).toEqual([]);
});

test.each([
  ["no origin", `shop=${ONE}`, "key 1: expected NAME=KEY@ORIGIN"],
  ["an origin without a scheme", `shop=${ONE}@shop.example`, "key 1: expected NAME=KEY@ORIGIN"],
  ["another scheme", `shop=${ONE}@ftp://shop.example`, "key 1: expected NAME=KEY@ORIGIN"],
  ["a path", `shop=${ONE}@https://shop.example/de`, "without a path"],
  ["a trailing slash", `shop=${ONE}@https://shop.example/`, "a trailing slash"],
  ["any origin", `shop=${ONE}@*`, "key 1: expected NAME=KEY@ORIGIN"],
  ["any subdomain", `shop=${ONE}@https://*.shop.example`, "key 1: expected NAME=KEY@ORIGIN"],
  ["the origin of a sealed frame", `shop=${ONE}@https://shop.example null`, "key 1: expected NAME=KEY@ORIGIN"],
  ["a capital, which browsers do not send", `shop=${ONE}@https://Shop.example`, "key 1: expected NAME=KEY@ORIGIN"],
  ["the default port, which browsers do not send", `shop=${ONE}@https://shop.example:443`, "key 1: expected NAME=KEY@ORIGIN"],
  ["no name", `=${ONE}@https://shop.example`, "key 1: expected NAME=KEY@ORIGIN"],
  ["no key", "shop=@https://shop.example", "key 1: is shorter than 16"],
  ["a short key", "shop=short@https://shop.example", "key 1: is shorter than 16"],
  ["a right behind it", `shop=${ONE}+receipts@https://shop.example`, "key 1: a site key has no + in it"],
  ["one name twice", `shop=${ONE}@https://shop.example,shop=${TWO}@https://b.example`, "key 2: has the name of SENTIENT_SITE_KEYS: key 1"],
  ["one key twice", `shop=${ONE}@https://shop.example,b=${ONE}@https://b.example`, "key 2: is the same as SENTIENT_SITE_KEYS: key 1"],
])("a site key with %s is refused at start, and not repeated", (_what, given, problem) => {
  expect(() => sites(given)).toThrow(problem);
  expect(() => sites(given)).toThrow(expect.objectContaining({ code: "BAD_CONFIG", message: expect.not.stringContaining(ONE) }));
});

test.each(["SENTIENT_WRITE_KEYS", "SENTIENT_OPERATOR_KEYS"])(
  "a site key, which is public, that is also in %s is refused at start",
  (variable) => {
    expect(() => sites(`shop=${ONE}@https://shop.example`, { [variable]: ONE })).toThrow(
      `SENTIENT_SITE_KEYS: key 1: is the same as ${variable}: key 1`,
    );
  },
);

test("the secret of site tokens is there or not, and not short", () => {
  expect(readConfig({ SENTIENT_SITE_SECRET: "x".repeat(MIN_KEY_LENGTH) }).siteSecret).toBe("x".repeat(MIN_KEY_LENGTH));
  expect(readConfig({ SENTIENT_SITE_SECRET: "" }).siteSecret).toBeUndefined();
  expect(() => readConfig({ SENTIENT_SITE_SECRET: "short-secret" })).toThrow(
    /SENTIENT_SITE_SECRET: is shorter than 16 characters; .*node -p/,
  );
  expect(() => readConfig({ SENTIENT_SITE_SECRET: "short-secret" })).toThrow(expect.not.stringContaining("short-secret"));
});
