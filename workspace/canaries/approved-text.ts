import { isMap, isPair, isScalar, parseDocument } from "yaml";
import { SentientError } from "../../domain/errors.ts";

/** The text of an experience with `status: approved` and without its block `canary`; everything else stays as its author wrote it. */
export function approvedText(text: string): string {
  const document = parseDocument(text, { keepSourceTokens: true });
  const map = document.contents;
  if (!isMap(map) || map.flow === true) return rewritten(text);
  const pairs = map.items.filter(isPair);
  const pairOf = (key: string) => pairs.find((pair) => isScalar(pair.key) && pair.key.value === key);
  const status = pairOf("status");
  const block = pairOf("canary");
  if (!isScalar(status?.value) || !status.value.range) throw new SentientError("BAD_INPUT", "the experience has no status to change");
  const [from, to] = status.value.range;
  const cuts = [{ from, to, by: "approved" }];
  if (block && isScalar(block.key) && block.key.range) {
    // From the key to the next key of the file, or its end.
    const next = pairs[pairs.indexOf(block) + 1];
    const end = next && isScalar(next.key) && next.key.range ? next.key.range[0] : lineEnd(text, block.key.range[0], block);
    cuts.push({ from: block.key.range[0], to: end, by: "" });
  }
  return cuts.toSorted((a, b) => b.from - a.from).reduce((given, cut) => given.slice(0, cut.from) + cut.by + given.slice(cut.to), text);
}

// --- internal ---

/** A mapping in braces is written anew. */
function rewritten(text: string): string {
  const document = parseDocument(text);
  document.set("status", "approved");
  document.delete("canary");
  return document.toString();
}

/** The end of the last pair of the file. */
const lineEnd = (text: string, _from: number, { value }: { readonly value: unknown }): number => {
  const range = (value as { readonly range?: readonly number[] } | null)?.range;
  return range?.[2] ?? text.length;
};
