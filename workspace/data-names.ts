/** A place in the files of a workspace. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly path?: string;
}

/** A name written in a workspace that data, and not the workspace, makes known. */
export type DataName = Place &
  (
    | { readonly kind: "signal" | "promise"; readonly name: string }
    /** A field of the customer; `*` stands for any item of a list, or a computed step. */
    | { readonly kind: "field"; readonly steps: readonly string[] }
    /** A field that the tool `update_traits` sets. */
    | { readonly kind: "set"; readonly steps: readonly string[] }
    /** A field of `signal`, `moment`, `experience` or `ask` itself. */
    | { readonly kind: "part"; readonly of: keyof typeof PARTS; readonly name: string }
    | {
        /** A field of `signal.data` or `moment.data`. */
        readonly kind: "data";
        readonly of: "signal" | "moment";
        readonly steps: readonly string[];
        /** Signal types and built-in moments that it may be the data of; missing: any. */
        readonly openers?: readonly string[];
      }
  );

/** What `signal` and `moment` are where a condition or text reads them: signal types and built-in moments; missing: any. */
export interface ReadFrom {
  readonly signal?: readonly string[] | undefined;
  readonly moment?: readonly string[] | undefined;
}

/** What `signal`, `moment`, `experience` and `ask` have, whatever the data of a workspace are. */
export const PARTS = {
  signal: ["type", "source", "time", "data"],
  moment: ["name", "openedAt", "urgency", "data"],
  experience: ["id", "name", "department", "goal", "value", "serves", "transactional"],
  ask: ["channel", "place", "context"],
} as const;

/** The name that a read of these steps is about, if data makes it known. */
export function dataNameOf(steps: readonly string[], place: Place, from: ReadFrom): DataName | undefined {
  const [root, ...rest] = steps;
  if (root === "customer" && rest.length > 0) return { ...place, kind: "field", steps: rest };
  const [part] = rest;
  if (root !== undefined && isWithParts(root) && part !== undefined && !(PARTS[root] as readonly string[]).includes(part) && part !== "*")
    return { ...place, kind: "part", of: root, name: part };
  if ((root !== "signal" && root !== "moment") || rest[0] !== "data" || rest.length < 2) return undefined;
  const openers = from[root];
  return { ...place, kind: "data", of: root, steps: rest.slice(1), ...(openers ? { openers } : {}) };
}

// --- internal ---

const isWithParts = (root: string): root is keyof typeof PARTS => Object.hasOwn(PARTS, root);
