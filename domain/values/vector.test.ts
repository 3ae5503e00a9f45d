import { expect, test } from "vitest";
import { packVector, unpackVector } from "./vector.ts";

test("a vector is read as it was written, to the last bit", () => {
  const vector = Float32Array.from([0.1, -3, 1e-30, 0]);
  expect(packVector(vector)).toMatch(/^[A-Za-z0-9+/]+=*$/);
  expect(unpackVector(packVector(vector))).toEqual(vector);
});
