import { useEffect, useRef } from "react";
import { preferences } from "./preferences.ts";

// Single keys. They never do something irreversible, never fire in fields, and can be turned off.

/** Functions by key: `j`, `Escape`, or two keys one after the other, `g d`. */
export type Bindings = Readonly<Record<string, (() => void) | undefined>>;

interface Pressed {
  readonly key: string;
  readonly ctrlKey?: boolean;
  readonly metaKey?: boolean;
  readonly altKey?: boolean;
}

/** How long the first of two keys waits for the second, in milliseconds. */
const SEQUENCE_MS = 1_500;

/** Whether keys belong to the element: it takes text, or has keys of its own. */
export const takesKeys = (element: { readonly tagName: string; readonly isContentEditable?: boolean } | null): boolean =>
  element !== null && (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) || element.isContentEditable === true);

/** The binding that a key stands for: its name, with `Mod+` for control or command, after the key before it where that began a sequence. */
export function bindingOf(pressed: Pressed, before: string | undefined, bound: Bindings): string | undefined {
  const key = pressed.ctrlKey || pressed.metaKey ? `Mod+${pressed.key.toLowerCase()}` : pressed.key;
  if (pressed.altKey) return undefined;
  const sequence = `${before} ${key}`;
  if (before !== undefined && bound[sequence]) return sequence;
  return bound[key] ? key : undefined;
}

/** Whether the key begins a sequence of two. */
export const beginsSequence = (key: string, bound: Bindings): boolean => Object.keys(bound).some((name) => name.startsWith(`${key} `));

/** Binds keys as long as the component is there. Of several for one key the component that came last answers. */
export function useKeys(bindings: Bindings): void {
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  useEffect(() => {
    const layer = () => latest.current;
    layers.push(layer);
    if (layers.length === 1) document.addEventListener("keydown", onKey);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
      if (layers.length === 0) document.removeEventListener("keydown", onKey);
    };
  }, []);
}

// --- internal ---

const layers: (() => Bindings)[] = [];
let before: { readonly key: string; readonly at: number } | undefined;

/** Whether a key is not ours: a dialog is open, a field has it, or single keys are turned off. */
function belongsElsewhere(event: KeyboardEvent): boolean {
  if (document.querySelector("dialog[open]") !== null) return true;
  const isSingle = !event.ctrlKey && !event.metaKey;
  return isSingle && (takesKeys(event.target as HTMLElement | null) || !preferences().keys);
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || belongsElsewhere(event)) return;
  const first = before !== undefined && event.timeStamp - before.at < SEQUENCE_MS ? before.key : undefined;
  before = undefined;
  for (const layer of layers.toReversed()) {
    const name = bindingOf(event, first, layer());
    if (name === undefined) continue;
    event.preventDefault();
    layer()[name]?.();
    return;
  }
  if (layers.some((layer) => beginsSequence(event.key, layer()))) before = { key: event.key, at: event.timeStamp };
}
