import { type AnyRouter, useRouter } from "@tanstack/react-router";
import { type AnchorHTMLAttributes, type MouseEvent, type ReactNode, type SyntheticEvent, useState } from "react";

export interface RowLinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> {
  /** A page of the console with its search, encoded: `/customers/c%2F1?tab=record`. */
  readonly to: string;
}

/** A link in a row of a `DataTable`: a plain anchor, which the table opens. A link of the router observes the address, and a list has hundreds. */
export function RowLink({ to, children, ...rest }: RowLinkProps): ReactNode {
  const router: AnyRouter = useRouter();
  return (
    <a href={`${baseOf(router)}${to}`} {...rest}>
      {children}
    </a>
  );
}

/** Handlers for the element around the rows: a click opens the page of a link without loading the console again, and a link that is pointed at loads its page's code. */
export function useRowLinks() {
  const router: AnyRouter = useRouter();
  const [pointedAt] = useState(() => new Set<string>());
  const onClick = (event: MouseEvent): void => {
    const to = event.button === 0 ? pageOf(event, router) : undefined;
    if (to === undefined || event.defaultPrevented || event.metaKey || event.altKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    void router.navigate({ to });
  };
  const prepare = (event: SyntheticEvent): void => {
    const to = pageOf(event, router);
    // `/decisions/1` and `/decisions/2` are one page.
    const page = to?.split("/")[1];
    if (to === undefined || page === undefined || pointedAt.has(page)) return;
    pointedAt.add(page);
    router.preloadRoute({ to }).catch(() => pointedAt.delete(page));
  };
  return { onClick, onMouseOver: prepare, onFocus: prepare, onTouchStart: prepare };
}

// --- internal ---

const baseOf = ({ basepath }: AnyRouter): string => basepath.replace(/\/$/, "");

/** The page of the console that the link at an event leads to in this tab. */
function pageOf({ target }: SyntheticEvent, router: AnyRouter): string | undefined {
  const link = target instanceof Element ? target.closest("a") : null;
  const href = link?.getAttribute("href");
  if (!link || !href?.startsWith(`${baseOf(router)}/`) || (link.target !== "" && link.target !== "_self")) return undefined;
  return href.slice(baseOf(router).length);
}
