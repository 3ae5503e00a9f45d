import { isObject } from "../domain/values/json.ts";

/** Fields of values, merged. A field that was seen empty may hold anything. */
export class Fields {
  private readonly inner = new Map<string, Fields>();
  private isOpen = false;

  /** Adds an object's fields, a list's items under `*`, or a plain value. */
  add(value: unknown): void {
    const entries = Array.isArray(value) ? value.map((item) => ["*", item] as const) : isObject(value) ? Object.entries(value) : [];
    if (value === null || (typeof value === "object" && entries.length === 0)) this.isOpen = true;
    for (const [name, inner] of entries) this.of(name).add(inner);
  }

  /** The field of a name, made where it is new. */
  of(name: string): Fields {
    const known = this.inner.get(name) ?? new Fields();
    this.inner.set(name, known);
    return known;
  }

  get isEmpty(): boolean {
    return this.inner.size === 0;
  }

  /** Whether a path can be there. A text reads `size`, `first` and `last` of any list or text. */
  has(steps: readonly string[]): boolean {
    const [name, ...rest] = steps;
    if (name === undefined || this.isOpen) return true;
    const inner = this.inner.get(name);
    if (inner) return inner.has(rest);
    if (name === "*") return this.inner.size > 0;
    const isListOrText = this.inner.has("*") || this.inner.size === 0;
    return isListOrText && (["size", "first", "last"].includes(name) || (this.inner.has("*") && /^\d+$/.test(name)));
  }

  /** All paths to a value, without those through lists. */
  *paths(): Generator<readonly string[]> {
    for (const [name, inner] of this.inner) {
      if (name === "*") continue;
      yield [name];
      for (const rest of inner.paths()) yield [name, ...rest];
    }
  }
}

/** Names that the data of a workspace make known: its customers, its signals, and those of its golden decisions. */
export class KnownData {
  readonly fields = new Fields();
  /** Data of the signals by type. */
  readonly signals = new Map<string, Fields>();
  readonly promises = new Set<string>();

  customer(traits: unknown): void {
    takeFields(this.fields, traits);
  }

  /** A field that the workspace itself sets. Without any customer nothing is known about fields. */
  sets(steps: readonly string[]): void {
    if (!this.fields.isEmpty) steps.reduce((inner, step) => inner.of(step), this.fields).add({});
  }

  signal(type: string, data: unknown): void {
    const known = this.signals.get(type) ?? new Fields();
    this.signals.set(type, known);
    if (!isObject(data)) return;
    takeFields(known, data);
    this.customer(data.traits);
    if (type === "promise.opened" && typeof data.promise === "string") this.promises.add(data.promise);
  }
}

// --- internal ---

/** An empty record or signal says nothing about others. */
function takeFields(fields: Fields, value: unknown): void {
  if (isObject(value)) for (const [name, inner] of Object.entries(value)) fields.of(name).add(inner);
}
