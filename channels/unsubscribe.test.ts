import { expect, test } from "vitest";
import { checkSignal } from "../domain/entities/signal.ts";
import { createUnsubscribeToken, readUnsubscribeToken, unsubscribeSignals } from "./unsubscribe.ts";

const ANN = { customerId: "c-1", channel: "email", deliveryId: "d_1" };
const KEY = "a key of the operator";
const token = createUnsubscribeToken(ANN, KEY);

test("a token decodes to its customer and delivery", () => {
  expect(readUnsubscribeToken(token, [KEY])).toEqual(ANN);
  const odd = { customerId: 'ä"\u0000/../', channel: "e.mail", deliveryId: "" };
  expect(readUnsubscribeToken(createUnsubscribeToken(odd, KEY), [KEY])).toEqual(odd);
});

test("a token needs no escaping in a path", () => {
  expect(createUnsubscribeToken({ ...ANN, customerId: "ä?&/+ ".repeat(9) }, KEY)).toMatch(/^[A-Za-z0-9._-]+$/);
});

test("a token made with an earlier key remains valid, one made with another does not", () => {
  expect(readUnsubscribeToken(token, ["a new key", KEY])).toEqual(ANN);
  expect(readUnsubscribeToken(token, ["a new key"])).toBeUndefined();
  expect(readUnsubscribeToken(token, [])).toBeUndefined();
});

test("a token with another customer's claim is refused, and so is every altered token", () => {
  const [claim = "", proof = ""] = token.split(".");
  const [foreign] = createUnsubscribeToken({ ...ANN, customerId: "c-2" }, "guess").split(".");
  for (const forged of [`${foreign}.${proof}`, `${claim}.`, claim, `.${proof}`, "", ".", `${token}.x`, `${token}x`, "x".repeat(100_000)])
    expect(readUnsubscribeToken(forged, [KEY]), forged.slice(0, 80)).toBeUndefined();
  for (let place = 0; place < token.length; place++) {
    const forged = `${token.slice(0, place)}${token[place] === "A" ? "B" : "A"}${token.slice(place + 1)}`;
    expect(readUnsubscribeToken(forged, [KEY]), forged).toBeUndefined();
  }
});

test("using a link revokes the consent first, then records the delivery's outcome", () => {
  const signals = unsubscribeSignals(ANN, "first");
  expect(signals.map(({ type, subject, data }) => ({ type, subject, data }))).toEqual([
    { type: "customer.consent", subject: "c-1", data: { channel: "email", status: "revoked" } },
    { type: "delivery.unsubscribed", subject: "c-1", data: { channel: "email", deliveryId: "d_1" } },
  ]);
  for (const signal of signals) expect(checkSignal(JSON.parse(JSON.stringify(signal)))).toMatchObject({ ok: true });
});

test("an unsubscribe link used again after a new opt-in counts again", () => {
  const ids = ["first", "first", "5"].flatMap((since) => unsubscribeSignals(ANN, since).map(({ id }) => id));
  expect(new Set(ids).size).toBe(4);
});
