import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import type { HoldingsView } from "../../../operations/people/views.ts";
import type { CustomerExport, ErasureView } from "../../../operations/views.ts";
import { pathOf } from "../../api/client.ts";
import { read, useAct } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Panel, Stack } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { Trouble } from "../../parts/trouble.tsx";
import { count, counted } from "../../values/numbers.ts";
import { plain } from "../../values/visible.ts";
import styles from "./customer.module.css";

interface Erasing {
  /** From the request until its refusal nothing of the customer is read again. */
  readonly onErasing: (isErasing: boolean) => void;
  readonly onErased: (receipt: ErasureView) => void;
}

/** Everything held about a person: counted, exported, erased with a receipt. */
export function PrivacyTab({ id, isErasing, ...on }: Erasing & { readonly id: string; readonly isErasing: boolean }): ReactNode {
  const may = useMay();
  const query = useQuery({ ...read<HoldingsView>("customer", pathOf("/v1/customers/{id}/holdings", id)), enabled: !isErasing });
  return (
    <Loading query={query}>
      {(held) => (
        <Stack>
          <Panel title="What is held" aside={counted(held.rows, "row")}>
            {held.alsoKnownAs && <p>Also under {held.alsoKnownAs.map((one) => plain(one)).join(", ")}: the same person.</p>}
            <Rows tables={held.tables.map(({ table, rows }) => [table, rows])} />
          </Panel>
          {may("person") ? (
            <>
              <Export id={held.customerId} />
              <Erase held={held} {...on} />
            </>
          ) : (
            <p>Exporting and erasing needs the permission person.</p>
          )}
        </Stack>
      )}
    </Loading>
  );
}

/** The receipt of an erasure: what was removed, by whom and when; to print. */
export function Receipt({
  receipt: { customerId, alsoKnownAs = [], at, by, removed, suppressed },
}: {
  readonly receipt: ErasureView;
}): ReactNode {
  const tables = Object.entries(removed);
  const rows = tables.reduce((sum, [, n]) => sum + n, 0);
  return (
    <section className={styles["receipt"]} aria-label="Receipt of the erasure">
      <h2>Receipt of an erasure</h2>
      <p role="status">
        Everything about {[customerId, ...alsoKnownAs].map((one) => plain(one)).join(", ")} was erased by {plain(by)},{" "}
        <Time at={at} as="absolute" />: {counted(rows, "row")}.{" "}
        {counted(suppressed, "address stays as a keyed hash", "addresses stay as keyed hashes")}, so that nothing is sent there.
      </p>
      <Rows tables={tables} />
      <p className="not-printed">
        <Button onClick={() => window.print()}>Print the receipt</Button>
      </p>
    </section>
  );
}

// --- internal ---

const Rows = ({ tables }: { readonly tables: readonly (readonly [string, number])[] }): ReactNode => (
  <table className={styles["calendar"]}>
    <thead>
      <tr>
        <th scope="col">Table</th>
        <th scope="col">Rows</th>
      </tr>
    </thead>
    <tbody>
      {tables.map(([table, rows]) => (
        <tr key={table}>
          <th scope="row">{table.replaceAll("_", " ")}</th>
          <td>{count(rows)}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

function Export({ id }: { readonly id: string }): ReactNode {
  const [done, setDone] = useState("");
  const act = useAct<CustomerExport>(() => ({ path: pathOf("/v1/customers/{id}/export", id) }), ["audit"]);
  const save = (held: CustomerExport): void => {
    download(`${id.replaceAll(/[^\w.-]/g, "_")}.json`, JSON.stringify(held, null, 2));
    setDone("The file is downloaded. That it was exported, and by whom, is in the audit.");
  };
  return (
    <Panel title="Export">
      <p>Everything that is held, as one JSON document. Whoever has the file can read it: keep it as long as you need it.</p>
      <Button busy={act.isPending} onClick={() => act.mutate(undefined, { onSuccess: save })}>
        Download the export
      </Button>
      {act.error && <Trouble error={act.error} />}
      <p role="status">{done}</p>
    </Panel>
  );
}

/** A file that the browser saves. */
function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function Erase({ held: { customerId, rows }, onErasing, onErased }: Erasing & { readonly held: HoldingsView }): ReactNode {
  const [typed, setTyped] = useState("");
  const [note, setNote] = useState("");
  const ids = useId();
  const act = useAct<ErasureView>(
    () => ({ path: pathOf("/v1/customers/{id}/erase", customerId), body: note.trim() === "" ? {} : { note: note.trim() } }),
    ["customers", "decisions", "tasks", "promises", "audit"],
  );
  return (
    <Panel title="Erase">
      <form
        className={styles["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          if (typed !== customerId) return;
          onErasing(true);
          act.mutate(undefined, { onSuccess: onErased, onError: () => onErasing(false) });
        }}
      >
        <p>
          It removes {counted(rows, "row")} for good. Only keyed hashes of the addresses stay, so that nothing is sent to them if they are
          imported again. Nobody can undo it.
        </p>
        <label htmlFor={`${ids}-id`}>
          To confirm, type the id: {plain(customerId)}
          <input id={`${ids}-id`} value={typed} autoComplete="off" spellCheck={false} onChange={(event) => setTyped(event.target.value)} />
        </label>
        <label htmlFor={`${ids}-note`}>
          Why, if it should be on record
          <input id={`${ids}-note`} value={note} maxLength={2_000} onChange={(event) => setNote(event.target.value)} />
        </label>
        <Button look="grave" type="submit" busy={act.isPending} disabled={typed !== customerId}>
          Erase everything
        </Button>
        {act.error && <Trouble error={act.error} />}
      </form>
    </Panel>
  );
}
