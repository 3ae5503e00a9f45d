import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { ContactsView } from "../../../operations/people/views.ts";
import { pathOf } from "../../api/client.ts";
import { read } from "../../api/queries.ts";
import { Empty } from "../../parts/empty.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Panel, Stack } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { counted } from "../../values/numbers.ts";
import { plain } from "../../values/visible.ts";
import styles from "./customer.module.css";

/** How often the customer was contacted, by whom, and how much room is left. */
export function ContactsTab({ id }: { readonly id: string }): ReactNode {
  const query = useQuery(read<ContactsView>("customer", pathOf("/v1/customers/{id}/contacts", id)));
  return (
    <Loading query={query}>
      {({ days, caps, timezone, searched }) => (
        <Stack>
          <Panel title="Caps now">
            {caps.length === 0 ? (
              <Empty title="The workspace has no caps">Under governance.caps it says how many contacts a customer may have.</Empty>
            ) : (
              caps.map((cap) => <Cap key={cap.id} cap={cap} />)
            )}
          </Panel>
          <Panel title="By day" aside={`Days in ${plain(timezone.name)}`}>
            <Days days={days} />
            {searched.from !== undefined && (
              <p className={styles["quiet"]}>
                Since <Time at={searched.from} as="absolute" />
                {!searched.whole && ": there are more contacts than are counted here"}.
              </p>
            )}
          </Panel>
        </Stack>
      )}
    </Loading>
  );
}

// --- internal ---

function Cap({ cap: { id, max, used, window, channel, department, roomAt } }: { readonly cap: ContactsView["caps"][number] }): ReactNode {
  const of = [channel, department].filter((one) => one !== undefined).map((one) => plain(one));
  return (
    <div className={styles["cap"]}>
      <strong>{plain(id)}</strong>
      <meter min={0} max={Math.max(max, 1)} value={Math.min(used, max)} aria-label={`${plain(id)}: ${used} of ${max}`} />
      <span>
        {used} of {counted(max, "contact")} in {window}
        {of.length > 0 && ` (${of.join(", ")})`}
        {used >= max && (roomAt === undefined ? ": never any room" : ": room again ")}
        {roomAt !== undefined && <Time at={roomAt} />}
      </span>
    </div>
  );
}

function Days({ days }: Pick<ContactsView, "days">): ReactNode {
  const departments = [...new Set(days.flatMap((day) => Object.keys(day.departments)))].sort();
  if (days.length === 0)
    return <Empty title="No contact in this time">A message that goes out, a visit, a call or a chat counts as one.</Empty>;
  return (
    <div className={styles["scroll"]}>
      <table className={styles["calendar"]}>
        <thead>
          <tr>
            <th scope="col">Day</th>
            {departments.map((one) => (
              <th key={one} scope="col">
                {one === "" ? "no department" : plain(one)}
              </th>
            ))}
            <th scope="col">Together</th>
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map(({ date, contacts, departments: by }) => (
            <tr key={date}>
              <th scope="row">{date}</th>
              {departments.map((one) => (
                <td key={one}>{by[one] ?? ""}</td>
              ))}
              <td>{contacts}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
