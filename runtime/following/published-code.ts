import type { Store } from "../../store/store.ts";
import { versionOf } from "../../workspace/check-files.ts";
import { isCode } from "../../workspace/versions/version-files.ts";
import { type OwnCode, openKept } from "../open-workspace.ts";
import type { CodeOfVersion } from "./compile-version.ts";

/** The code that was kept with a version when it was published, whatever folder this process was started with. */
export function publishedCode({ versions }: Pick<Store, "versions">): CodeOfVersion {
  // Versions that differ in their texts alone share their channels, and so the connections of these.
  let last: { readonly key: string; readonly code: OwnCode } | undefined;
  return async (files) => {
    if (![...files.keys()].some(isCode)) return { tools: [], channels: [] };
    const bundles = await versions.bundles(versionOf(files));
    if (!bundles) return { lacks: "its code was not kept with it; publish it again from its folder, where the store is" };
    const key = bundles.map(({ file, hash }) => `${file} ${hash}`).join("\n");
    if (last?.key !== key) last = { key, code: await openKept(bundles) };
    return last.code;
  };
}
