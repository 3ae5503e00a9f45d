/**
 * The permission that a route of the operator API needs. `read`: records with texts and addresses masked · `content`: texts and addresses · `task`: tasks,
 * promises, cases and touches · `approve`: answers to approvals and proposals · `operate`: pauses, retries, dead letters · `propose`: changes of the catalogue, for others to approve · `person`: merges, exports,
 * erasures, imports, reinstated addresses · `admin`: sessions of others, versions.
 */
export const PERMISSIONS = ["read", "content", "task", "approve", "operate", "propose", "person", "admin"] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** The permissions of each role. Keys of `SENTIENT_OPERATOR_KEYS` are `admin`. */
export const ROLES = {
  viewer: ["read"],
  operator: ["read", "content", "task", "operate", "propose"],
  approver: ["read", "content", "approve"],
  steward: ["read", "content", "person"],
  analyst: ["read", "content", "propose"],
  admin: PERMISSIONS,
} as const satisfies Readonly<Record<string, readonly Permission[]>>;
export type Role = keyof typeof ROLES;

export const may = (role: Role, permission: Permission): boolean => (ROLES[role] as readonly Permission[]).includes(permission);

export const isPermission = (text: string): text is Permission => (PERMISSIONS as readonly string[]).includes(text);

export const isRole = (text: string): text is Role => Object.hasOwn(ROLES, text);

/** A key in plain text, or as `sha256:` and 64 hex digits, with the person who has it. */
export interface PersonKey {
  readonly key: string;
  /** As the audit names the person. */
  readonly name: string;
  readonly role: Role;
}

/** Whether a text can name a person in the audit, and in a list with commas between its entries. */
export const isPersonName = (text: string): boolean => /^[^\p{C},=]{1,100}$/u.test(text) && text.trim() === text;
