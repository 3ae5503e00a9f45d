import type { Permission } from "../../domain/identity/roles.ts";
import type { IconName } from "../parts/icon.tsx";

/** A page of the navigation. Its route is in console/routes.tsx. */
export interface Place {
  readonly to: string;
  readonly title: string;
  readonly icon: IconName;
  /** The key after `g`. */
  readonly key: string;
  /** The permission without which the page is not in the navigation. */
  readonly permission: Permission;
}

export interface Section {
  readonly title: string;
  readonly places: readonly Place[];
}

/** The pages, in the order in which they are listed. */
export const NAVIGATION: readonly Section[] = [
  { title: "Now", places: [{ to: "/", title: "Overview", icon: "overview", key: "o", permission: "read" }] },
  {
    title: "Work",
    places: [
      { to: "/tasks", title: "Tasks", icon: "tasks", key: "t", permission: "read" },
      { to: "/approvals", title: "Approvals", icon: "approvals", key: "a", permission: "read" },
      { to: "/promises", title: "Promises", icon: "promises", key: "p", permission: "read" },
    ],
  },
  {
    title: "People",
    places: [
      { to: "/desk", title: "Desk", icon: "desk", key: "k", permission: "task" },
      { to: "/customers", title: "Customers", icon: "customers", key: "c", permission: "read" },
    ],
  },
  {
    title: "Decisions",
    places: [
      { to: "/decisions", title: "Decisions", icon: "decisions", key: "d", permission: "read" },
      { to: "/why", title: "Why?", icon: "why", key: "w", permission: "read" },
    ],
  },
  {
    title: "Catalogue",
    places: [
      { to: "/proposals", title: "Proposals", icon: "proposals", key: "e", permission: "read" },
      { to: "/canaries", title: "Canaries", icon: "canaries", key: "n", permission: "read" },
      { to: "/rehearsals", title: "Rehearsals", icon: "rehearsals", key: "b", permission: "read" },
      { to: "/versions", title: "Versions", icon: "versions", key: "v", permission: "read" },
    ],
  },
  {
    title: "System",
    places: [
      { to: "/health", title: "Health", icon: "health", key: "h", permission: "read" },
      { to: "/runs", title: "Runs", icon: "runs", key: "r", permission: "read" },
      { to: "/audit", title: "Audit", icon: "audit", key: "u", permission: "read" },
      { to: "/settings", title: "Settings", icon: "settings", key: "s", permission: "read" },
    ],
  },
];

/** The sections that somebody may open, without what is left empty. */
export const openTo = (may: (permission: Permission) => boolean, sections: readonly Section[] = NAVIGATION): readonly Section[] =>
  sections
    .map(({ title, places }) => ({ title, places: places.filter(({ permission }) => may(permission)) }))
    .filter(({ places }) => places.length > 0);

/** On a phone: three places at the bottom beside the search, the rest behind "More". */
export const atBottom = (sections: readonly Section[]): readonly Place[] =>
  ["/", "/tasks", "/customers"].flatMap((to) => sections.flatMap(({ places }) => places.filter((place) => place.to === to)));
