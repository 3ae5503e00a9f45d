import { isMap, isPair, isScalar, type Pair, parseDocument, type Scalar } from "yaml";

/** What an experience becomes when it is published by a person's approval. */
export type GivenStatus = "canary" | "approved";

/**
 * The text of an experience with another status; everything else stays as its author wrote it. One that is approved has no block `canary`.
 *
 * @param text an experience: a mapping, as YAML
 */
export function withStatus(text: string, status: GivenStatus): string {
  const edited = cutAndPasted(text, status);
  return edited !== undefined && isAsWanted(edited, text, status) ? edited : rewritten(text, status);
}

// --- internal ---

/** The text with only the places changed that have to be; undefined where it is not laid out as a block. */
function cutAndPasted(text: string, status: GivenStatus): string | undefined {
  const map = parseDocument(text, { keepSourceTokens: true }).contents;
  if (!isMap(map) || map.flow === true) return undefined;
  const pairs = map.items.filter(isPair);
  const pairOf = (key: string) => pairs.find((pair) => isScalar(pair.key) && pair.key.value === key);
  const cuts: { readonly from: number; readonly to: number; readonly by: string }[] = [];
  const given = pairOf("status")?.value;
  if (isScalar(given) && given.range) cuts.push({ from: given.range[0], to: given.range[1], by: status });
  const block = status === "approved" ? pairOf("canary") : undefined;
  const start = block && startOf(block);
  if (block && start !== undefined) {
    // From the key to the next key of the file, or its end.
    const next = pairs[pairs.indexOf(block) + 1];
    cuts.push({ from: start, to: (next && startOf(next)) ?? endOf(block, text), by: "" });
  }
  const edited = cuts.toSorted((a, b) => b.from - a.from).reduce((was, cut) => was.slice(0, cut.from) + cut.by + was.slice(cut.to), text);
  return given === undefined || given === null ? withLine(edited, `status: ${status}`) : edited;
}

/** At the end, so that every line keeps its number. */
const withLine = (text: string, line: string): string => `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${line}\n`;

const startOf = ({ key }: Pair): number | undefined => (key as Scalar).range?.[0];

const endOf = ({ value }: Pair, text: string): number =>
  (value as { readonly range?: readonly number[] } | null)?.range?.[2] ?? text.length;

/** Whether the text says what it said, with that status. */
function isAsWanted(edited: string, text: string, status: GivenStatus): boolean {
  const [after, before] = [parseDocument(edited), parseDocument(text)];
  if (after.errors.length > 0) return false;
  before.set("status", status);
  if (status === "approved") before.delete("canary");
  return sorted(after.toJS({ maxAliasCount: 100 })) === sorted(before.toJS({ maxAliasCount: 100 }));
}

const sorted = (value: object): string => JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Written anew, as a mapping in braces is. */
function rewritten(text: string, status: GivenStatus): string {
  const document = parseDocument(text);
  document.set("status", status);
  if (status === "approved") document.delete("canary");
  return document.toString();
}
