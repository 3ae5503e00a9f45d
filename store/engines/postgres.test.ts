import { expect, test } from "vitest";
import { requireVersion, withoutSecrets } from "./postgres.ts";

test("a PostgreSQL that is too old is refused, with its version, its address, and what to do", () => {
  expect(() => requireVersion(130_014, "postgres://db:5432/shop")).toThrow(
    "PostgreSQL 14 or newer is needed, postgres://db:5432/shop is 13; upgrade it, or name another one in DATABASE_URL",
  );
  expect(() => requireVersion(140_000, "here")).not.toThrow();
});

test("a URL is printed without its password, also without one in the query", () => {
  expect(withoutSecrets("postgres://ann:secret@db:5432/shop?password=secret&sslmode=require")).toBe("postgres://ann@db:5432/shop");
  expect(withoutSecrets("secret")).toBe("the address given");
});
