import type { ErrorComponentProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Page } from "../parts/page.tsx";
import { Trouble } from "../parts/trouble.tsx";

/** In place of a page that threw: the navigation still works. */
export function FailedPage({ error, reset }: ErrorComponentProps): ReactNode {
  return (
    <Page title="This page failed">
      <Trouble error={error instanceof Error ? error : new Error(String(error))} again={reset} />
    </Page>
  );
}

/** In place of a page that does not exist. */
export function NoPage(): ReactNode {
  return <Page title="There is no such page" answer="The address may be mistyped, or the page belongs to a newer version." />;
}
