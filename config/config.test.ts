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
