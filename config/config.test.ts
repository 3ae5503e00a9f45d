import { expect, test } from "vitest";
import { isServerAddress, readConfig } from "./config.ts";

test.each([
  ["http://127.0.0.1:3000", true],
  ["https://care.example.com/sentient/", true],
  ["http://ann:secret@127.0.0.1:3000", false],
  ["http://127.0.0.1:3000/?key=secret", false],
  ["ann:secret@127.0.0.1", false],
  ["secret", false],
])("%s is the address of a server: %s", (given, wanted) => {
  expect(isServerAddress(given)).toBe(wanted);
});

test("invalid variables are named without their values", () => {
  const read = () =>
    readConfig({ SENTIENT_URL: "http://ann:secret@host", DATABASE_URL: "secret", REDIS_URL: "secret://host", PORT: "secret" });
  expect(read).toThrow(/DATABASE_URL: expected .*REDIS_URL: expected .*SENTIENT_URL: expected .*PORT: expected/);
  expect(read).not.toThrow("secret");
});

const PROXY = {
  SENTIENT_PROXY_USER_HEADER: "X-Forwarded-User",
  SENTIENT_PROXY_ROLES_HEADER: "X-Forwarded-Groups",
  SENTIENT_PROXY_ADDRESSES: "10.0.0.5, 10.1.0.0/16, fd00::/8",
  SENTIENT_PUBLIC_URL: "https://care.example.com",
};

test("sign-in by a proxy needs its headers, its addresses and the public address, or none of the three", () => {
  expect(readConfig(PROXY).proxy).toEqual({
    userHeader: "x-forwarded-user",
    rolesHeader: "x-forwarded-groups",
    addresses: ["10.0.0.5", "10.1.0.0/16", "fd00::/8"],
  });
  expect(readConfig({ SENTIENT_PUBLIC_URL: PROXY.SENTIENT_PUBLIC_URL }).proxy).toBeUndefined();
  for (const name of Object.keys(PROXY)) expect(() => readConfig({ ...PROXY, [name]: "" })).toThrow(`also needs ${name}`);
});

test.each([
  ["SENTIENT_PROXY_ADDRESSES", "10.0.0.0/99"],
  ["SENTIENT_PROXY_ADDRESSES", "proxy.example.com"],
  ["SENTIENT_PROXY_USER_HEADER", "X User"],
  ["SENTIENT_PROXY_USER_HEADER", "Cookie"],
  ["SENTIENT_PROXY_ROLES_HEADER", "authorization"],
])("%s %j is refused", (name, value) => {
  expect(() => readConfig({ ...PROXY, [name]: value })).toThrow(`${name}: expected`);
});

test("the console is served unless it is turned off", () => {
  expect(["", "on", "off", "OFF"].map((value) => readConfig({ SENTIENT_CONSOLE: value }).console)).toEqual([true, true, false, false]);
  expect(() => readConfig({ SENTIENT_CONSOLE: "maybe" })).toThrow("SENTIENT_CONSOLE: ");
});
