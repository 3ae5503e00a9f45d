import { expect, test } from "vitest";
import { HOUR, SECOND } from "../domain/values/time.ts";
import { createBreaker } from "./breaker.ts";

test("B11: a circuit breaker that was open when the clock was set back an hour lets a trial pass", () => {
  let clock = 2 * HOUR;
  const breaker = createBreaker({ now: () => clock, failures: 1, openMs: 30 * SECOND });
  breaker.failed();
  expect(breaker.mayPass()).toBe(false);
  clock += 29 * SECOND;
  expect(breaker.mayPass()).toBe(false);
  clock -= HOUR;
  expect(breaker.mayPass()).toBe(true);
  breaker.succeeded();
  expect(breaker.mayPass()).toBe(true);
});
