import { expect, test } from "vitest";
import { isPermission, isRole, may, PERMISSIONS, ROLES } from "./roles.ts";

test("a viewer reads, an admin does everything, and only a viewer sees no content", () => {
  expect(PERMISSIONS.filter((permission) => may("viewer", permission))).toEqual(["read"]);
  expect(PERMISSIONS.filter((permission) => !may("admin", permission))).toEqual([]);
  expect(Object.keys(ROLES).filter((role) => isRole(role) && !may(role, "content"))).toEqual(["viewer"]);
});

test("work, answers to approvals, and changes to a person's record are of one role each, and of admins", () => {
  const who = (permission: (typeof PERMISSIONS)[number]): string[] =>
    Object.keys(ROLES).filter((role) => isRole(role) && may(role, permission));
  expect(who("task")).toEqual(["operator", "admin"]);
  expect(who("operate")).toEqual(["operator", "admin"]);
  expect(who("approve")).toEqual(["approver", "admin"]);
  expect(who("propose")).toEqual(["operator", "analyst", "admin"]);
  expect(who("person")).toEqual(["steward", "admin"]);
  expect(who("admin")).toEqual(["admin"]);
});

test("words that are no role or permission", () => {
  expect(["constructor", "Admin", ""].filter(isRole)).toEqual([]);
  expect(["open", "write", "proved", "toString"].filter(isPermission)).toEqual([]);
});
