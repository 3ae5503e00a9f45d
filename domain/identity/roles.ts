/**
 * What a route of the operator API needs. `read`: records with texts and addresses masked · `content`: texts and addresses · `task`: tasks,
 * promises, cases and touches · `approve`: answers to approvals · `operate`: pauses, retries, dead letters · `person`: merges, exports,
 * erasures, imports, reinstated addresses · `admin`: sessions of others.
 */
export const PERMISSIONS = ["read", "content", "task", "approve", "operate", "person", "admin"] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** What each role may do. Keys of `SENTIENT_OPERATOR_KEYS` are `admin`. */
export const ROLES = {
  viewer: ["read"],
  operator: ["read", "content", "task", "operate"],
  approver: ["read", "content", "approve"],
  steward: ["read", "content", "person"],
  analyst: ["read", "content"],
  admin: PERMISSIONS,
} as const satisfies Readonly<Record<string, readonly Permission[]>>;
export type Role = keyof typeof ROLES;

export const may = (role: Role, permission: Permission): boolean => (ROLES[role] as readonly Permission[]).includes(permission);

export const isPermission = (text: string): text is Permission => (PERMISSIONS as readonly string[]).includes(text);

export const isRole = (text: string): text is Role => Object.hasOwn(ROLES, text);
