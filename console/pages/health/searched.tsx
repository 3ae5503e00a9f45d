import type { ReactNode } from "react";
import type { z } from "zod";
import type { Searched } from "../../../operations/monitoring/views.ts";
import { Button } from "../../parts/button.tsx";
import { Time } from "../../parts/time.tsx";
import styles from "./health.module.css";

interface SearchedPagesProps {
  readonly pages: readonly { readonly searched: z.infer<typeof Searched> }[];
  /** How to go on where there is no table that can. */
  readonly more: { readonly load: () => unknown; readonly busy: boolean } | undefined;
}

/** How far a list has looked, and how to go on where nothing was found so far. */
export function SearchedPages({ pages, more }: SearchedPagesProps): ReactNode {
  const last = pages.at(-1)?.searched;
  if (last === undefined) return null;
  return (
    <>
      <p className={styles["quiet"]} role={last.whole ? undefined : "status"}>
        {last.whole ? "Looked back to " : "Looked back so far to "}
        <Time at={last.from} as="absolute" />.
      </p>
      {more !== undefined && (
        <Button busy={more.busy} onClick={() => more.load()}>
          Go on
        </Button>
      )}
    </>
  );
}
