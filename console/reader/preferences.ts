import { useSyncExternalStore } from "react";

// What this reader prefers. It stays in this browser.

export interface Preferences {
  readonly theme: "system" | "light" | "dark";
  /** The zone that times are shown in: the customer's where a page is about one, the reader's, or UTC. */
  readonly zone: "hers" | "mine" | "utc";
  /** Whether single keys do something. */
  readonly keys: boolean;
  /** Rows that a list asks for at once. */
  readonly rows: (typeof ROWS)[number];
}

export const ROWS = [50, 100, 200] as const;

export const DEFAULTS: Preferences = { theme: "system", zone: "hers", keys: true, rows: 100 };
const KEY = "sentient.console";

/** Reads stored preferences; what is missing or is no choice gets its default. */
export function parsePreferences(text: string | null): Preferences {
  try {
    const stored: Partial<Record<keyof Preferences, unknown>> = JSON.parse(text ?? "{}") ?? {};
    const pick = <Value>(value: unknown, allowed: readonly Value[], otherwise: Value): Value =>
      allowed.find((one) => one === value) ?? otherwise;
    return {
      theme: pick(stored.theme, ["system", "light", "dark"] as const, DEFAULTS.theme),
      zone: pick(stored.zone, ["hers", "mine", "utc"] as const, DEFAULTS.zone),
      keys: pick(stored.keys, [true, false], DEFAULTS.keys),
      rows: pick(stored.rows, ROWS, DEFAULTS.rows),
    };
  } catch {
    return DEFAULTS;
  }
}

let current: Preferences | undefined;
const listeners = new Set<() => void>();

export const preferences = (): Preferences => {
  current ??= typeof localStorage === "undefined" ? DEFAULTS : parsePreferences(stored());
  return current;
};

/** Changes some of them, in all tabs. */
export function prefer(changed: Partial<Preferences>): void {
  current = { ...preferences(), ...changed };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Storage is off: the choice lasts as long as the page.
  }
  apply();
}

export const usePreferences = (): Preferences => useSyncExternalStore(subscribe, preferences, () => DEFAULTS);

// --- internal ---

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function apply(): void {
  const { theme } = preferences();
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  for (const listener of listeners) listener();
}

function fromOtherTab({ key, newValue }: StorageEvent): void {
  if (key !== KEY) return;
  current = parsePreferences(newValue);
  apply();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) window.addEventListener("storage", fromOtherTab);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener("storage", fromOtherTab);
  };
}
