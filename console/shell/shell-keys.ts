import { useNavigate, useRouter, useRouterState } from "@tanstack/react-router";
import { useKeys } from "../reader/keys.ts";
import { prefer, preferences } from "../reader/preferences.ts";
import { neighboursOf } from "../reader/walk.ts";
import type { Section } from "./navigation.ts";

/** Keys that work on every page. Those of one page are bound by it. */
export const SHELL_KEYS: readonly (readonly [key: string, words: string])[] = [
  ["j k", "next and previous row"],
  ["Enter", "open the row"],
  ["[ ]", "previous and next in the list you came from, as it was filtered"],
  ["Esc", "back to the list"],
  ["/", "search, as Control or Command and K"],
  ["t", "times in the customer's zone, mine, or UTC"],
  ["p", "print"],
  ["?", "this help"],
];

const NEXT_ZONE = { hers: "mine", mine: "utc", utc: "hers" } as const;

export function useShellKeys(sections: readonly Section[], onHelp: () => void): void {
  const navigate = useNavigate();
  const router = useRouter();
  const address = useRouterState({ select: ({ location }) => location.pathname });
  const go = (to: string | undefined): void => {
    if (to !== undefined) void navigate({ to });
  };
  const { list, previous, next } = neighboursOf(address);
  const back = (): void => (list === undefined ? router.history.back() : go(list));
  const places = sections.flatMap((section) => section.places);
  useKeys({
    ...Object.fromEntries(places.map(({ key, to }) => [`g ${key}`, () => go(to)])),
    "[": () => go(previous),
    "]": () => go(next),
    Escape: back,
    t: () => prefer({ zone: NEXT_ZONE[preferences().zone] }),
    p: () => window.print(),
    "?": onHelp,
  });
}
