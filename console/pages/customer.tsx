import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { Profile } from "../../domain/record/profile.ts";
import type { ContactsView } from "../../operations/people/views.ts";
import type { ErasureView } from "../../operations/views.ts";
import { pathOf } from "../api/client.ts";
import { read } from "../api/queries.ts";
import { useMay } from "../api/session.ts";
import { customerOf } from "../live/hints.ts";
import { Captions } from "../parts/details.tsx";
import { useFilters } from "../parts/filter-bar.tsx";
import { Page } from "../parts/page.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { Time, ZoneOf } from "../parts/time.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { counted, listed } from "../values/numbers.ts";
import { plain } from "../values/visible.ts";
import { ContactsTab } from "./customer/contacts.tsx";
import { ConversationTab } from "./customer/conversation.tsx";
import { DecisionsTab } from "./customer/decisions.tsx";
import { nameIn } from "./customer/name.ts";
import { PrivacyTab, Receipt } from "./customer/privacy.tsx";
import { RecordTab } from "./customer/record.tsx";
import { StoryTab } from "./customer/story.tsx";

const TABS = [
  { id: "story", title: "Story", permission: "read" },
  { id: "record", title: "Record", permission: "read" },
  { id: "contacts", title: "Contacts", permission: "read" },
  { id: "conversation", title: "Conversation", permission: "content" },
  { id: "decisions", title: "Decisions", permission: "read" },
  { id: "privacy", title: "Privacy", permission: "read" },
] as const;

/** One customer: the whole story, and what is held. */
export function Customer(): ReactNode {
  const { id = "" } = useParams({ strict: false }) as { readonly id?: string };
  return <OneCustomer key={id} id={id} />;
}

// --- internal ---

function OneCustomer({ id }: { readonly id: string }): ReactNode {
  const { tab } = useFilters();
  const may = useMay();
  const client = useQueryClient();
  const [isErasing, setErasing] = useState(false);
  const [receipt, setReceipt] = useState<ErasureView>();
  // The live stream may tell of the erasure before its answer does; after it there is nothing to look at again.
  const enabled = !isErasing;
  const profile = useQuery({ ...read<Profile>("customer", pathOf("/v1/customers/{id}", id)), enabled });
  const contacts = useQuery({ ...read<ContactsView>("customer", pathOf("/v1/customers/{id}/contacts", id)), enabled });
  const onErasing = (begins: boolean): void => {
    setErasing(begins);
    if (begins) void client.cancelQueries({ predicate: ({ queryKey }) => customerOf(queryKey) === id });
  };
  const tabs = TABS.filter(({ permission }) => may(permission));
  const name = profile.data && nameIn(profile.data);
  if (receipt)
    return (
      <Page title={id} answer="Everything about this customer is erased." above={<Link to="/customers">Customers</Link>}>
        <Receipt receipt={receipt} />
      </Page>
    );
  return (
    <ZoneOf zone={contacts.data?.timezone.name}>
      <Page
        title={name ?? id}
        above={<Link to="/customers">Customers</Link>}
        answer={profile.data && <Answer profile={profile.data} contacts={contacts.data} />}
      >
        {profile.error ? (
          <Trouble error={profile.error} again={profile.refetch} />
        ) : (
          <>
            {profile.data && <Head profile={profile.data} contacts={contacts.data} />}
            <Tabs label="About this customer" tabs={tabs} />
            <Tab tab={tabs.find((one) => one.id === tab)?.id ?? "story"} {...{ id, isErasing, onErasing }} onErased={setReceipt} />
          </>
        )}
      </Page>
    </ZoneOf>
  );
}

interface TabProps {
  readonly tab: (typeof TABS)[number]["id"];
  readonly id: string;
  readonly isErasing: boolean;
  readonly onErasing: (isErasing: boolean) => void;
  readonly onErased: (receipt: ErasureView) => void;
}

function Tab({ tab, id, ...erasing }: TabProps): ReactNode {
  switch (tab) {
    case "story":
      return <StoryTab id={id} />;
    case "record":
      return <RecordTab id={id} />;
    case "contacts":
      return <ContactsTab id={id} />;
    case "conversation":
      return <ConversationTab id={id} />;
    case "decisions":
      return <DecisionsTab id={id} />;
    case "privacy":
      return <PrivacyTab id={id} {...erasing} />;
  }
}

interface About {
  readonly profile: Profile;
  readonly contacts: ContactsView | undefined;
}

/** The promise that is due next, and whether another contact is possible, in a sentence. */
function Answer({ profile: { promises }, contacts }: About): ReactNode {
  const late = promises.filter(({ overdue }) => overdue);
  const [owed] = late.length > 0 ? late : promises;
  const full = contacts?.caps.filter(({ used, max }) => used >= max) ?? [];
  return (
    <>
      {owed ? (
        <>
          {late.length > 0 ? "Late: " : ""}
          {plain(owed.owner)} owes {plain(owed.name)}, due <Time at={owed.due} />
          {promises.length > 1 && `, and ${counted(promises.length - 1, "more promise")}`}.{" "}
        </>
      ) : (
        "Nothing is owed. "
      )}
      {contacts &&
        (full.length > 0
          ? `No more contact now: ${listed(full.map(({ id }) => `cap ${id}`))} ${full.length === 1 ? "has" : "have"} no room left.`
          : "There is room for a contact.")}
    </>
  );
}

function Head({ profile: { customerId, alsoKnownAs = [], stage, consents, moments, openCases }, contacts }: About): ReactNode {
  return (
    <Captions
      look="row"
      of={[
        ["Id", [customerId, ...alsoKnownAs].map((one) => plain(one)).join(", also ")],
        [
          "Stage",
          stage && (
            <>
              {plain(stage.name)} since <Time at={stage.since} />
            </>
          ),
        ],
        ["Zone", contacts && `${plain(contacts.timezone.name)}${contacts.timezone.from === "workspace" ? " (the workspace's)" : ""}`],
        [
          "Consent",
          consents.length === 0
            ? "none stated"
            : consents.map(({ channel, status }) => `${channel === "*" ? "every channel" : plain(channel)}: ${status}`).join(" · "),
        ],
        [
          "Open now",
          [...moments.map(({ name }) => plain(name)), ...(openCases.length > 0 ? [counted(openCases.length, "case")] : [])].join(" · ") ||
            "nothing",
        ],
        [
          "Contacts against caps",
          contacts && contacts.caps.length > 0
            ? contacts.caps.map(({ id, used, max, window }) => `${plain(id)} ${used} of ${max} (${window})`).join(" · ")
            : undefined,
        ],
      ]}
    />
  );
}
