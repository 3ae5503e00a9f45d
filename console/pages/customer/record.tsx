import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Profile } from "../../../domain/record/profile.ts";
import { pathOf } from "../../api/client.ts";
import { read } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Panel, Stack } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { valueWords } from "../../values/facts.ts";
import { counted } from "../../values/numbers.ts";
import { plain } from "../../values/visible.ts";
import { Addresses } from "./addresses.tsx";
import { OnePerson } from "./one-person.tsx";

type Field = Profile["fields"][number];

const STATES: Readonly<Record<string, string>> = { ok: "", stale: "too old to rely on", conflict: "sources disagree" };

const COLUMNS: readonly Column<Field>[] = [
  { head: "Field", kind: "main", width: "11rem", cell: ({ path }) => <Said text={path} /> },
  { head: "Value", kind: "text", phone: "whole", cell: (field) => <Value field={field} /> },
  { head: "Source", width: "7rem", cell: ({ source }) => plain(source ?? "") },
  { head: "Since", kind: "text", width: "9.5rem", phone: "labelled", cell: ({ at }) => at !== undefined && <Time at={at} /> },
  { head: "Rule", kind: "text", width: "12rem", phone: "labelled", cell: ({ rule }) => plain(rule ?? "the latest") },
  { head: "State", width: "8rem", kind: "text", cell: ({ state }) => STATES[state] ?? plain(state) },
];

/** The golden record: every field with its source and age, addresses, consent, and other ids of the same person. */
export function RecordTab({ id }: { readonly id: string }): ReactNode {
  const query = useQuery(read<Profile>("customer", pathOf("/v1/customers/{id}", id)));
  const may = useMay();
  return (
    <Loading query={query}>
      {(profile) => (
        <Stack>
          <Panel title="Fields" aside={inWords(profile)}>
            {profile.fields.length === 0 ? (
              <Empty title="No fields are known">Traits of signals and imports fill the record.</Empty>
            ) : (
              <DataTable label="Fields of the record" rows={profile.fields} columns={COLUMNS} rowKey={({ path }) => path} />
            )}
            {profile.leftOut && (
              <p>
                The record is full: {counted(profile.leftOut.count, "trait")} left out, the last <Time at={profile.leftOut.at} />.
              </p>
            )}
          </Panel>
          <Addresses profile={profile} mayLift={may("person")} />
          <Consents profile={profile} />
          {may("person") && <OnePerson profile={profile} />}
        </Stack>
      )}
    </Loading>
  );
}

// --- internal ---

function inWords({ fields }: Profile): string {
  const of = (state: string): number => fields.filter((field) => field.state === state).length;
  const doubts = [...(of("conflict") > 0 ? [`${of("conflict")} in conflict`] : []), ...(of("stale") > 0 ? [`${of("stale")} too old`] : [])];
  return [counted(fields.length, "field"), ...doubts].join(", ");
}

function Value({ field: { value, detail } }: { readonly field: Field }): ReactNode {
  const text = value === undefined ? (detail ?? "") : valueWords(value);
  return <Said text={text} most={600} />;
}

function Consents({ profile: { consents } }: { readonly profile: Profile }): ReactNode {
  return (
    <Panel title="Consent">
      {consents.length === 0 ? (
        <Empty title="No consent was stated">Each channel's default holds: opt-in channels stay shut.</Empty>
      ) : (
        <ul>
          {consents.map(({ channel, status, at, source, reason }) => (
            <li key={channel}>
              {channel === "*" ? "every channel" : plain(channel)}: {status}, by {plain(source)}, <Time at={at} />
              {reason !== undefined && (
                <>
                  {": "}
                  <Said text={reason} />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
