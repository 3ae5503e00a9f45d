import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useAct } from "../../api/queries.ts";
import { type Session, useSession } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { Details } from "../../parts/details.tsx";
import { Page, Panel, Stack } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Trouble } from "../../parts/trouble.tsx";
import { ThisBrowser } from "./browser.tsx";
import { Sessions } from "./sessions.tsx";
import styles from "./settings.module.css";
import { PERMISSION_WORDS, viaWords } from "./words.ts";

/** The reader's session, the preferences of this browser, and the other sessions. */
export function Settings(): ReactNode {
  const session = useSession();
  return (
    <Page
      title="Settings"
      answer={
        session && (
          <>
            You are <Said text={session.name} most={200} />, {session.role}, at <Said text={session.workspace} most={200} />.
          </>
        )
      }
      actions={session?.via === "session" && <SignOut />}
    >
      <Stack>
        <ThisBrowser />
        {session && <Allowed session={session} />}
        <Sessions />
        {session && <About session={session} />}
      </Stack>
    </Page>
  );
}

// --- internal ---

function SignOut(): ReactNode {
  const client = useQueryClient();
  const end = useAct<unknown>(() => ({ path: "/v1/session/end" }), []);
  return (
    <>
      <Button busy={end.isPending} onClick={() => end.mutate(undefined, { onSuccess: () => void client.resetQueries() })}>
        Sign out
      </Button>
      {end.error && <Trouble error={end.error} />}
    </>
  );
}

/** Every permission, with those of the role marked: what one may not do is absent elsewhere. */
function Allowed({ session: { role, permissions, via } }: { readonly session: Session }): ReactNode {
  return (
    <Panel title="What you may do" aside={viaWords(via)}>
      <ul className={styles["permissions"]}>
        {PERMISSION_WORDS.map(([permission, words]) => {
          const has = permissions.includes(permission);
          return (
            <li key={permission} className={has ? styles["has"] : styles["lacks"]}>
              <span aria-hidden="true">{has ? "✓" : "–"}</span> {words}
              <span className="only-heard">{has ? "" : ": not with your role"}</span>
            </li>
          );
        })}
      </ul>
      <p className={styles["note"]}>Your role is {role}. An administrator changes it where the server has its keys.</p>
    </Panel>
  );
}

function About({ session: { version, policyVersion, zone } }: { readonly session: Session }): ReactNode {
  return (
    <Panel title="About">
      <Details
        of={[
          ["Sentient", version],
          ["Policy in force", <code key="policy">{policyVersion.slice(0, 12)}</code>],
          ["Zone of the workspace", zone],
        ]}
      />
    </Panel>
  );
}
