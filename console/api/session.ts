import { useQuery } from "@tanstack/react-query";
import type { Permission } from "../../domain/identity/roles.ts";
import { read } from "./queries.ts";

/** Who is signed in, and to what. */
export interface Session {
  readonly name: string;
  readonly role: string;
  readonly permissions: readonly Permission[];
  readonly workspace: string;
  readonly zone: string;
  readonly version: string;
}

export const sessionQuery = () => read<Session>("session", "/v1/session");

export const useSession = (): Session | undefined => useQuery(sessionQuery()).data;

/** Whether the person who is signed in may do something; what one may not do is absent from the page. */
export function useMay(): (permission: Permission) => boolean {
  const session = useSession();
  return (permission) => session?.permissions.includes(permission) ?? false;
}
