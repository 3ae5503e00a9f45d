// The last list that was read, so that `[` and `]` go through it as it was filtered. It survives a reload of the tab.

const KEY = "sentient.walk";

/** Keeps the addresses of a list in their order. */
export function rememberList(addresses: readonly string[]): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(addresses.slice(0, 5_000)));
  } catch {
    // Storage is off or full: the keys do nothing.
  }
}

/** The addresses before and after one in the last list. */
export function neighboursOf(address: string, text: string | null = stored()): { readonly previous?: string; readonly next?: string } {
  const list = parse(text);
  const place = list.indexOf(address);
  if (place < 0) return {};
  const [previous, next] = [list[place - 1], list[place + 1]];
  return { ...(previous === undefined ? {} : { previous }), ...(next === undefined ? {} : { next }) };
}

// --- internal ---

function stored(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function parse(text: string | null): readonly string[] {
  try {
    const list: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(list) ? list.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}
