import { expect, test } from "vitest";
import type { Store } from "../store.ts";
import type { NewPublication } from "../versions.ts";
import { NOON } from "./examples.contract.ts";

/** The contract of the versions of a workspace. */
export function versionsContract(store: () => Store): void {
  const of = (policyVersion: string, more: Partial<NewPublication> = {}): NewPublication => ({
    ...{ policyVersion, at: NOON, by: "ann", from: "folder shop", files: { "sentient.yaml": policyVersion } },
    ...more,
  });
  const always = () => true;
  const publish = (publication: NewPublication, mayReplace: (inForce: string | undefined) => boolean = always) =>
    store().versions.publish(
      publication,
      { at: publication.at, by: publication.by, action: "published", target: publication.policyVersion, details: {} },
      mayReplace,
    );
  const audited = async () => (await store().operations.audit({ limit: 10 })).map(({ action, target }) => `${action} ${target}`);
  const listed = async () =>
    (await store().versions.list({ limit: 10 })).map(({ policyVersion, inForce }) => `${policyVersion}${inForce ? " in force" : ""}`);

  test("nothing is in force before the first publication", async () => {
    expect(await store().versions.inForce()).toBeUndefined();
    expect(await store().versions.list({ limit: 10 })).toEqual([]);
    expect(await store().versions.files("a")).toBeUndefined();
  });

  test("the last publication is in force, with who, when, why and from where; publications of one instant keep their order", async () => {
    expect(await publish(of("a", { note: "first" }))).toEqual({ changed: true, before: undefined });
    expect(await publish(of("b"))).toEqual({ changed: true, before: "a" });
    expect(await store().versions.inForce()).toBe("b");
    expect(await store().versions.list({ limit: 10 })).toEqual([
      { seq: expect.any(Number), policyVersion: "b", at: NOON, by: "ann", from: "folder shop", inForce: true },
      { seq: expect.any(Number), policyVersion: "a", at: NOON, by: "ann", from: "folder shop", note: "first", inForce: false },
    ]);
    expect(await audited()).toEqual(["published a", "published b"]);
  });

  test("a version that is kept is put in force again by a publication of its own, without its files", async () => {
    for (const version of ["a", "b"]) await publish(of(version));
    const { files: _, ...again } = of("a", { from: "roll-back" });
    expect(await publish(again)).toEqual({ changed: true, before: "b" });
    expect(await listed()).toEqual(["a in force", "b", "a"]);
    expect(await store().versions.files("a")).toEqual({ "sentient.yaml": "a" });
    expect(await store().versions.lastOf("a")).toMatchObject({ from: "roll-back", inForce: true });
    expect(await store().versions.lastOf("c")).toBeUndefined();
  });

  test("a publication that may not follow the version in force changes nothing", async () => {
    await publish(of("a"));
    const seen: (string | undefined)[] = [];
    const refusing = (inForce: string | undefined) => {
      seen.push(inForce);
      return false;
    };
    expect(await publish(of("b"), refusing)).toEqual({ changed: false, before: "a" });
    expect(seen).toEqual(["a"]);
    expect(await listed()).toEqual(["a in force"]);
    expect(await store().versions.files("b")).toBeUndefined();
    expect(await audited()).toEqual(["published a"]);
  });

  test("the version in force published again replaces its golden decisions and nothing else", async () => {
    await publish(of("a"));
    const files = { "sentient.yaml": "a", "evals/new.yaml": { base64: "AP8=" } };
    expect(await publish(of("a", { files, by: "bob" }), () => false)).toEqual({ changed: false, before: "a" });
    expect(await store().versions.files("a")).toEqual(files);
    expect(await store().versions.list({ limit: 10 })).toMatchObject([{ policyVersion: "a", by: "ann" }]);
    expect(await audited()).toEqual(["published a"]);
  });

  test("of two publications at the same time, each may replace only the version that it names: one of them does", async () => {
    await publish(of("a"));
    const both = await Promise.all(["b", "c"].map((version) => publish(of(version), (inForce) => inForce === "a")));
    expect(both.map(({ changed }) => changed).sort()).toEqual([false, true]);
    expect(await listed()).toHaveLength(2);
  });

  test("a version may be kept without being in force; it is then in force when it is published", async () => {
    await publish(of("a"));
    const { files = {}, ...kept } = of("b");
    await store().versions.keep({ ...kept, files });
    await store().versions.keep({ ...kept, files: {} });
    expect(await listed()).toEqual(["b", "a in force"]);
    expect(await store().versions.inForce()).toBe("a");
    expect(await store().versions.files("b")).toEqual(files);
    expect([await store().versions.wasInForce("b"), await store().versions.wasInForce("a")]).toEqual([false, true]);
    await publish(kept);
    expect([await store().versions.wasInForce("b"), await store().versions.inForce()]).toEqual([true, "b"]);
  });

  test("a version keeps the bundles of its code once, and one with the same code has them too", async () => {
    const bundle = (file: string, code: string) => ({ file, hash: `hash of ${code}`, code });
    const bundles = [bundle("channels/pager.ts", "two"), bundle("tools/book.ts", "one")];
    await publish(of("a", { bundles }));
    expect(await store().versions.bundles("a")).toEqual(bundles);
    await publish(of("b", { codeOf: "a" }));
    expect(await store().versions.bundles("b")).toEqual(bundles);
    await publish(of("a", { bundles: [bundle("tools/book.ts", "three")] }));
    expect(await store().versions.bundleHashes("a")).toEqual({ "channels/pager.ts": "hash of two", "tools/book.ts": "hash of one" });
    const { files = {}, ...kept } = of("c", { bundles: [bundle("tools/book.ts", "one")] });
    await store().versions.keep({ ...kept, files });
    expect(await store().versions.bundleHashes("c")).toEqual({ "tools/book.ts": "hash of one" });
  });

  test("bundles of a version that was kept without them are added when it is published again, also while it is in force", async () => {
    await publish(of("a"));
    expect(await store().versions.bundles("a")).toBeUndefined();
    await publish(of("b", { codeOf: "a" }));
    expect(await store().versions.bundles("b")).toBeUndefined();
    const bundles = [{ file: "tools/book.ts", hash: "h", code: "one" }];
    expect(await publish(of("b", { bundles }))).toMatchObject({ changed: false });
    expect(await store().versions.bundles("b")).toEqual(bundles);
    expect(await store().versions.bundles("unknown")).toBeUndefined();
  });

  test("versions are found by their beginnings, and publications page by page", async () => {
    for (const version of ["ab1", "ab2", "b%"]) await publish(of(version));
    expect(await store().versions.beginningWith("ab", 10)).toEqual(["ab1", "ab2"]);
    expect(await store().versions.beginningWith("ab", 1)).toEqual(["ab1"]);
    expect(await store().versions.beginningWith("%", 10)).toEqual([]);
    const [newest] = await store().versions.list({ limit: 1 });
    const older = await store().versions.list({ limit: 10, before: newest?.seq });
    expect([newest, ...older].map((one) => one?.policyVersion)).toEqual(["b%", "ab2", "ab1"]);
  });
}
