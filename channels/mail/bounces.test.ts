import { expect, test } from "vitest";
import { isAddressGone, statusIn } from "./bounces.ts";

test.each([
  [["550 5.1.1 unknown"], true],
  [["550-5.1.1 The account that you tried to reach does not exist"], true],
  [["550 No such user here"], true],
  [["550 5.1.0 Recipient not found"], true],
  [["550 5.0.0 Mailbox unavailable"], undefined],
  [["550 mailbox unavailable"], undefined],
  [["550 5.7.1 Recipient unknown to our policy"], false],
  [["552 5.2.2 over quota"], false],
  [["552 too much"], false],
  [["550 The mailbox is full"], false],
  [["550 User's account is over quota, does not exist any more"], false],
  [["450 4.1.1 user unknown"], false],
  [["450 user unknown"], false],
  [["", "550 5.1.1 unknown"], true],
  [["5.2.2", "550 5.1.1 unknown"], false],
  [["smtp; 550 5.1.1.1 unknown"], undefined],
  [["host 10.5.1.1 said: 550 user unknown"], true],
  [[""], undefined],
  [[], undefined],
] as const)("%j: %s", (said, isGone) => expect(isAddressGone(...said)).toBe(isGone));

test("the status is found after the reply code", () => {
  expect(["550 5.1.1 x", "550-5.7.26 x", "smtp;552 5.2.2", "550 no"].map(statusIn)).toEqual(["5.1.1", "5.7.26", "5.2.2", undefined]);
});

test.each(["5.1.", "5.", "mailbox ", "over a ", "1"])("stays fast on many repetitions of %j", (piece) => {
  expect(isAddressGone(piece.repeat(30_000))).not.toBe(true);
});
