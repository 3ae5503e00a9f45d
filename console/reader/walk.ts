// The last list that was read, so that `[` and `]` go through it as it was filtered, and `Esc` leads back to it. It survives a reload of the tab.

const KEY = "sentient.walk";

interface Walk {
  /** The address of the list, with its filters. */
  readonly from: string;
  readonly addresses: readonly string[];
}

/** The pages that a list leads to. */
export interface Neighbours {
  readonly previous?: string;
  readonly next?: string;
  readonly list?: string;
}

/** Keeps the addresses of a list in their order, and its own. */
export function rememberList(from: string, addresses: readonly string[]): void {
  // A list that is about to leave already has the address of the page that comes.
  if (addresses.includes(from)) return;
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ from, addresses: addresses.slice(0, 5_000) }));
  } catch {
    // Storage is off or full: the keys do nothing.
  }
}

/** The neighbours of an address in the last list, if it is in it. */
export function neighboursOf(address: string, text: string | null = stored()): Neighbours {
  const { from, addresses } = parse(text);
  const place = addresses.indexOf(address);
  if (place < 0) return {};
  const [previous, next] = [addresses[place - 1], addresses[place + 1]];
  return { list: from, ...(previous === undefined ? {} : { previous }), ...(next === undefined ? {} : { next }) };
}

// --- internal ---

function stored(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function parse(text: string | null): Walk {
  const none = { from: "/", addresses: [] };
  try {
    const { from, addresses }: Partial<Record<keyof Walk, unknown>> = JSON.parse(text ?? "{}") ?? {};
    if (typeof from !== "string" || !from.startsWith("/") || !Array.isArray(addresses)) return none;
    return { from, addresses: addresses.filter((one) => typeof one === "string") };
  } catch {
    return none;
  }
}
