import { expect, test } from "vitest";
import { checkSignal } from "../entities/signal.ts";
import { hashOfKey, rightNeeded, withRights } from "./key-rights.ts";

test.each([
  ["customer.consent", { status: "granted", channel: "sms" }, "consent"],
  ["customer.consent", { status: " Granted " }, "consent"],
  ["customer.consent", { status: "GRANTED" }, "consent"],
  ["customer.consent", { status: "revoked" }, undefined],
  ["customer.consent", { status: "Denied" }, undefined],
  ["customer.consent", { status: "unsubscribed" }, undefined],
  ["customer.consent", { status: ["granted"] }, undefined],
  ["customer.consent", undefined, undefined],
  ["customer.consent", null, undefined],
  ["delivery.bounced", {}, "receipts"],
  ["delivery.unsubscribed", {}, "receipts"],
  ["delivery.anything", {}, "receipts"],
  ["delivery", {}, undefined],
  ["deliveryman.came", {}, undefined],
  ["page.viewed", { status: "granted" }, undefined],
])("weak: %s with %j needs the right %s", (type, data, right) => {
  expect(rightNeeded({ type, data })).toBe(right);
});

test("weak: a rejection names the missing right; an invalid signal stays invalid", () => {
  const grant = checkSignal({
    specversion: "1.0",
    id: "1",
    source: "web",
    type: "customer.consent",
    subject: "ann",
    data: { status: "granted" },
  });
  expect(withRights(grant, ["consent"])).toBe(grant);
  expect(withRights(grant, ["ask", "receipts"])).toMatchObject({
    ok: false,
    code: "FORBIDDEN",
    problem: expect.stringContaining("+consent"),
  });
  const broken = checkSignal({ type: "delivery.opened" });
  expect(withRights(broken, [])).toBe(broken);
});

test("the hash of a key is the same where the key is configured as a hash", () => {
  const hash = hashOfKey("a-key-of-a-test").toString("hex");
  expect(hashOfKey(`sha256:${hash.toUpperCase()}`).toString("hex")).toBe(hash);
  expect(hashOfKey("sha256:short").toString("hex")).not.toBe(hash);
});
