import { competes, type Policy } from "../../domain/entities/policy.ts";

/** Names that only one of two policies has. */
export interface OnlyIn {
  readonly against: readonly string[];
  readonly with: readonly string[];
}

/** What only one of both policies has, by kind; kinds in which they agree are left out. */
export type PolicyDifferences = Partial<Readonly<Record<keyof typeof KINDS, OnlyIn>>>;

/** What two policies have that the other has not. A moment or channel that is gone ends what was open for it. */
export function policyDifferences(against: Policy, other: Policy): PolicyDifferences {
  const kinds = Object.entries(KINDS).map(([kind, namesOf]) => {
    const [was, is] = [namesOf(against), namesOf(other)];
    return [kind, { against: was.filter((name) => !is.includes(name)), with: is.filter((name) => !was.includes(name)) }] as const;
  });
  return Object.fromEntries(kinds.filter(([, only]) => only.against.length + only.with.length > 0));
}

// --- internal ---

const KINDS = {
  moments: ({ moments }: Policy) => moments.map(({ name }) => name),
  channels: ({ channels }: Policy) => Object.keys(channels),
  departments: ({ departments }: Policy) => departments,
  experiences: ({ experiences }: Policy) => experiences.filter(competes).map(({ id }) => id),
} as const;
