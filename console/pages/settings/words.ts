import type { Permission } from "../../../domain/identity/roles.ts";

/** Permissions in words, in the order in which they are listed. */
export const PERMISSION_WORDS: readonly (readonly [Permission, string])[] = [
  ["read", "see what was decided, and why"],
  ["content", "read texts, addresses and values of customers"],
  ["task", "work on tasks, promises and cases, record a contact"],
  ["approve", "approve and reject"],
  ["operate", "pause, resume and retry"],
  ["propose", "propose changes of experiences"],
  ["person", "merge, split, export, erase and import customers"],
  ["admin", "end the sessions of others"],
];

/** How somebody signed in. */
export function viaWords(via: string): string {
  if (via === "proxy") return "signed in by your proxy";
  return via === "session" ? "signed in with a key" : "by key";
}

/** The consequences of ending a session, before it is done. */
export const endWords = ({ current, by }: { readonly current: boolean; readonly by: string }, me: string): string =>
  current ? "Ends this session: you sign in again." : by === me ? "Ends your session in another browser." : `Signs ${by} out.`;
