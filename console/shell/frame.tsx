import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { Problem } from "../api/client.ts";
import { sessionQuery, useMay, useSession } from "../api/session.ts";
import { useLiveUpdates } from "../live/live.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import { useKeys } from "../reader/keys.ts";
import { freshenNow, setNow } from "../reader/now.ts";
import { prefer, usePreferences } from "../reader/preferences.ts";
import { Banner } from "./banner.tsx";
import styles from "./frame.module.css";
import { Help } from "./help.tsx";
import { Imprint } from "./imprint.tsx";
import { useKeptFocus } from "./keep-focus.ts";
import { HoldButton, NotLive } from "./live-status.tsx";
import { atBottom, openTo, type Place, type Section } from "./navigation.ts";
import { SearchButton, SearchDialog } from "./search.tsx";
import { useShellKeys } from "./shell-keys.ts";
import { SignIn } from "./sign-in.tsx";
import { SignInPage } from "./sign-in-page.tsx";

/** Every page, for who is signed in; a page to sign in for everyone else. */
export function Frame({ linkProblem }: { readonly linkProblem?: string | undefined }): ReactNode {
  const { data: session, error } = useQuery(sessionQuery());
  useEffect(() => {
    if (session) setNow(Date.parse(session.at));
  }, [session]);
  const cache = useQueryClient().getQueryCache();
  useEffect(() => cache.subscribe(({ type }) => type === "updated" && freshenNow()), [cache]);
  return session === undefined && error instanceof Problem && error.status === 401 ? <SignInPage problem={linkProblem} /> : <Framed />;
}

// --- internal ---

/** The frame of every page: navigation, pauses, sign-in when the session is over, help. */
function Framed(): ReactNode {
  const sections = openTo(useMay());
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [isSearching, setSearching] = useState(false);
  const search = (): void => setSearching(true);
  useShellKeys(sections, () => setHelpOpen(true));
  useKeys({ "/": search, "Mod+k": search });
  useLiveUpdates(useSession() !== undefined);
  useKeptFocus();
  return (
    <div className={styles["frame"]}>
      <a className={styles["skip"]} href="#content">
        Skip to the page
      </a>
      <Rail sections={sections} onSearch={search} onHelp={() => setHelpOpen(true)} />
      <main id="content" tabIndex={-1} className={styles["main"]}>
        <Banner />
        <NotLive />
        <div className={styles["content"]}>
          <Outlet />
          <Imprint />
        </div>
      </main>
      <Bottom sections={sections} onSearch={search} />
      <SignIn />
      {isSearching && <SearchDialog onClose={() => setSearching(false)} />}
      {isHelpOpen && <Help sections={sections} onClose={() => setHelpOpen(false)} />}
    </div>
  );
}

const NEXT_THEME = { system: "light", light: "dark", dark: "system" } as const;
const NEXT_ZONE = { hers: "mine", mine: "utc", utc: "hers" } as const;
const ZONE_WORDS = { hers: "the customer's zone", mine: "my zone", utc: "UTC" } as const;

interface RailProps {
  readonly sections: readonly Section[];
  readonly onSearch: () => void;
  readonly onHelp: () => void;
}

function Rail({ sections, onSearch, onHelp }: RailProps): ReactNode {
  const session = useSession();
  const { theme, zone } = usePreferences();
  return (
    <nav aria-label="Pages" className={styles["rail"]}>
      <Link to="/" className={styles["brand"] ?? ""} activeProps={{ "aria-current": undefined }}>
        <Brand />
        <span className={styles["workspace"]}>{session?.workspace ?? "Sentient"}</span>
      </Link>
      <SearchButton onOpen={onSearch} />
      <Places sections={sections} />
      <div className={styles["foot"]}>
        <button type="button" onClick={() => prefer({ zone: NEXT_ZONE[zone] })}>
          Times in {ZONE_WORDS[zone]}
        </button>
        <button type="button" onClick={() => prefer({ theme: NEXT_THEME[theme] })}>
          Theme: {theme}
        </button>
        <HoldButton />
        <button type="button" onClick={onHelp}>
          Keys and help <kbd>?</kbd>
        </button>
        {session && (
          <span className={styles["who"]}>
            {session.name}, {session.role}
          </span>
        )}
      </div>
    </nav>
  );
}

function Places({ sections, onGo }: { readonly sections: readonly Section[]; readonly onGo?: () => void }): ReactNode {
  return sections.map(({ title, places }) => (
    <div key={title} className={styles["section"]}>
      <span className={styles["sectionTitle"]}>{title}</span>
      {places.map((place) => (
        <PlaceLink key={place.to} place={place} {...(onGo ? { onGo } : {})} />
      ))}
    </div>
  ));
}

function PlaceLink({
  place,
  look = "place",
  onGo,
}: {
  readonly place: Place;
  readonly look?: "place" | "bottom";
  readonly onGo?: () => void;
}): ReactNode {
  return (
    <Link
      to={place.to}
      className={look === "place" ? (styles["place"] ?? "") : ""}
      activeOptions={{ exact: place.to === "/", includeSearch: false }}
      {...(onGo ? { onClick: onGo } : {})}
    >
      <Icon name={place.icon} />
      {place.title}
    </Link>
  );
}

/** The navigation of a phone. */
function Bottom({ sections, onSearch }: { readonly sections: readonly Section[]; readonly onSearch: () => void }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <nav aria-label="Main pages" className={styles["bottom"]} key={path}>
      {atBottom(sections).map((place) => (
        <PlaceLink key={place.to} place={place} look="bottom" />
      ))}
      <button type="button" aria-haspopup="dialog" onClick={onSearch}>
        <Icon name="search" />
        Search
      </button>
      <button type="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <Icon name="more" />
        More
      </button>
      {isOpen && (
        <Dialog title="Pages" onClose={() => setOpen(false)}>
          <div className={styles["more"]}>
            <Places sections={sections} onGo={() => setOpen(false)} />
          </div>
        </Dialog>
      )}
    </nav>
  );
}

const Brand = (): ReactNode => (
  <svg
    width="20"
    height="20"
    viewBox="0 0 20 20"
    fill="none"
    stroke="currentColor"
    strokeWidth="2.2"
    strokeLinecap="round"
    aria-hidden="true"
  >
    <circle cx="10" cy="10" r="7.5" strokeDasharray="35 12.1" />
    <circle cx="10" cy="10" r="1.8" fill="currentColor" stroke="none" />
  </svg>
);
