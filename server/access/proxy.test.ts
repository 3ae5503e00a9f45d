import { describe, expect, test } from "vitest";
import { createByProxy } from "./proxy.ts";

const PROXY = { userHeader: "x-user", rolesHeader: "x-groups", addresses: ["10.0.0.5", "10.1.0.0/16", "fd00::/8"] };
const asked = (peer: string, headers: Readonly<Record<string, string>>) => createByProxy(PROXY)(peer, (name) => headers[name]);
const ANN = { "x-user": "ann", "x-groups": "approver" };

describe("the peer of the connection", () => {
  test.each([
    ["10.0.0.5", true],
    ["::ffff:10.0.0.5", true],
    ["10.1.255.1", true],
    ["fd12::1", true],
    ["10.0.0.6", false],
    ["10.2.0.1", false],
    ["127.0.0.1", false],
    ["::1", false],
    ["::ffff:127.0.0.1", false],
    ["", false],
    ["unix:", false],
    ["10.0.0.5, 127.0.0.1", false],
  ])("%j is believed: %s", (peer, isBelieved) => {
    expect(asked(peer, ANN)).toEqual(isBelieved ? { name: "ann", role: "approver", via: "proxy" } : undefined);
  });

  test("X-Forwarded-For of a stranger is not the peer", () => {
    expect(asked("192.0.2.7", { ...ANN, "x-forwarded-for": "10.0.0.5", forwarded: "for=10.0.0.5" })).toBeUndefined();
  });

  test("without a proxy no header says anything", () => {
    expect(createByProxy(undefined)("10.0.0.5", () => "admin")).toBeUndefined();
  });
});

test.each<readonly [string, string | undefined, object]>([
  ["one role", "viewer", { role: "viewer" }],
  ["the first of the table where several have as many", "analyst,approver", { role: "approver" }],
  ["the role with most permissions of several", "viewer,operator, analyst", { role: "operator" }],
  ["a role among other groups", "staff everyone admin", { role: "admin" }],
  ["no role of ours", "staff,everyone", { withoutRole: "ann" }],
  ["a word of every object", "constructor", { withoutRole: "ann" }],
  ["a role in capitals", "ADMIN", { withoutRole: "ann" }],
  ["no header", undefined, { withoutRole: "ann" }],
])("the roles: %s", (_what, groups, expected) => {
  expect(asked("10.0.0.5", { "x-user": "ann", ...(groups === undefined ? {} : { "x-groups": groups }) })).toMatchObject(expected);
});

test.each([
  ["nobody", undefined, undefined],
  ["an empty name", "", undefined],
  ["spaces", "   ", undefined],
  ["a name around spaces", " Ann Lee ", "Ann Lee"],
  ["a header given twice", "mallory, ann", undefined],
  ["control characters", "a\u0007nn", undefined],
  ["a name that turns the line around", "a\u202enn", undefined],
  ["a name without end", "a".repeat(201), undefined],
])("the name: %s", (_what, user, name) => {
  const person = asked("10.0.0.5", { "x-groups": "viewer", ...(user === undefined ? {} : { "x-user": user }) });
  expect(person === undefined ? undefined : "name" in person && person.name).toBe(name);
});
