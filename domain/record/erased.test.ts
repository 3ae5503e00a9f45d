import { expect, test } from "vitest";
import { aCustomer, aSignal, NOW, signalWake } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { addressesIn } from "../identity/addresses.ts";
import { interpret, interpretImport } from "../moments/interpret.ts";
import type { IsErased } from "./erased.ts";

const POLICY = policyOf("channels: {mail: {kind: file, address: email}, text: {kind: file, address: phone}, box: {kind: file}}", [
  "channels: {box: {text: Hello}}",
]);
const isErased: IsErased = ({ value }) => value === "gone@example.org";
const context = { policy: POLICY, now: NOW, taken: () => false, isErased };
const BY = { source: "import", at: NOW, seq: 0 };
const GRANTS = [
  { channel: "mail", status: "granted" },
  { channel: "text", status: "granted" },
] as const;

const consentsOf = ({ customer }: ReturnType<typeof interpret>) =>
  Object.values(customer.consents)
    .map(({ channel, status }) => `${channel} ${status}`)
    .sort();

test("addresses are identities, and traits that channels write to", () => {
  expect(addressesIn({ email: "a@example.org", phone: "", push: 7, name: "Ada" }, [{ type: "crm", value: "17" }])).toEqual([
    { type: "crm", value: "17" },
    { type: "email", value: "a@example.org" },
  ]);
  expect(addressesIn("nothing", [])).toEqual([]);
});

test("an import of an erased address loses its grants, and every channel with an address is denied", () => {
  const record = { traits: { email: "gone@example.org" }, identities: [], consents: GRANTS };
  expect(consentsOf(interpretImport(aCustomer({ version: 0 }), record, BY, context))).toEqual(["mail denied", "text denied"]);
  const other = { ...record, traits: { email: "here@example.org" } };
  expect(consentsOf(interpretImport(aCustomer({ version: 0 }), other, BY, context))).toEqual(["mail granted", "text granted"]);
});

test("an import does not override the customer's own later statements", () => {
  const record = { traits: {}, identities: [{ type: "email", value: "gone@example.org" }], consents: GRANTS };
  expect(consentsOf(interpretImport(aCustomer({ consents: { mail: "granted" } }), record, BY, context))).toEqual([
    "mail granted",
    "text denied",
  ]);
});

test("a signal with an erased address denies channels without a consent, and its own consent counts", () => {
  const identities = [{ type: "email", value: "gone@example.org" }];
  const updated = signalWake(aSignal("customer.updated", { identities }));
  expect(consentsOf(interpret(aCustomer(), updated, context))).toEqual(["mail denied", "text denied"]);
  const consented = signalWake(aSignal("customer.consent", { identities, channel: "mail", status: "granted" }));
  expect(consentsOf(interpret(aCustomer(), consented, context))).toEqual(["mail granted", "text denied"]);
});
