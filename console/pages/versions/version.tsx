import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { DifferenceView, ShownVersion, VersionView } from "../../../operations/versions/views.ts";
import { pathOf } from "../../api/client.ts";
import { read } from "../../api/queries.ts";
import { Code } from "../../parts/code.tsx";
import { Details } from "../../parts/details.tsx";
import { Diff } from "../../parts/diff/diff.tsx";
import { type Search, useFilters } from "../../parts/filter-bar.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Page, Panel, Stack } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { counted } from "../../values/numbers.ts";
import { plain } from "../../values/visible.ts";
import { NewestRehearsal } from "../rehearsals/newest.tsx";
import { RollBack } from "./roll-back.tsx";
import styles from "./version.module.css";
import { changedWords, eachOnce, shortVersion } from "./words.ts";

/** One version: what it has otherwise than another one, its files, and the way back to it. */
export function Version(): ReactNode {
  const { id = "" } = useParams({ strict: false });
  const query = useQuery(read<ShownVersion>("versions", pathOf("/v1/versions/{id}", id)));
  const { data: version } = query;
  return (
    <Page
      title={`Version ${shortVersion(version?.policyVersion ?? id)}`}
      above={<Link to="/versions">Versions</Link>}
      answer={version && <State version={version} />}
      actions={version && !version.inForce && <RollBack version={version} />}
    >
      <Loading query={query}>{(loaded) => <Body version={loaded} />}</Loading>
    </Page>
  );
}

// --- internal ---

function State({ version: { inForce, at, by, note } }: { readonly version: ShownVersion }): ReactNode {
  return (
    <>
      {inForce ? <Mark kind="sent" word="in force" pill /> : <Mark kind="silent" word="not in force" pill />}{" "}
      {inForce ? "since" : "It was put in force last"} <Time at={at} />, by <Said text={by} most={200} />
      {note === undefined ? (
        "."
      ) : (
        <>
          : “<Said text={note} />”
        </>
      )}
    </>
  );
}

const Body = ({ version }: { readonly version: ShownVersion }): ReactNode => (
  <Stack>
    <Compared version={version} />
    <NewestRehearsal of={{ version: version.policyVersion }} />
    <Panel title="Files" aside={counted(Object.keys(version.files).length, "file")}>
      <p>As they were published, before variables are filled in. Options of channels that are written out are masked.</p>
      {Object.entries(version.files).map(([file, text]) => (
        <details key={file}>
          <summary>
            <Said text={file} most={300} />
          </summary>
          {typeof text === "string" ? <Code label={plain(file, 200)} text={text} /> : <p>It is no text.</p>}
        </details>
      ))}
    </Panel>
    <Panel title="Record">
      <Details
        of={[
          [
            "Version",
            <code key="version" className={styles["whole"]}>
              {version.policyVersion}
            </code>,
          ],
          ["From", <Said key="from" text={version.from} most={500} isNarrow />],
          ["Its decisions", <Decisions key="decisions" version={version.policyVersion} />],
        ]}
      />
    </Panel>
  </Stack>
);

const Decisions = ({ version }: { readonly version: string }): ReactNode => (
  <Link to="/decisions" search={{ policy: version }}>
    decisions under {shortVersion(version)}
  </Link>
);

/** In what it differs from the one that is chosen: at first from the one in force, and of that one from the one before it. */
function Compared({ version }: { readonly version: ShownVersion }): ReactNode {
  const { from } = useFilters();
  const navigate = useNavigate();
  const list = useQuery(read<{ readonly versions: readonly VersionView[] }>("versions", "/v1/versions", { limit: 200 }));
  const others = eachOnce(list.data?.versions ?? []).filter(({ policyVersion }) => policyVersion !== version.policyVersion);
  const other = from ?? (version.inForce ? others[0] : others.find(({ inForce }) => inForce))?.policyVersion;
  const query = useQuery({
    ...read<DifferenceView>("versions", pathOf("/v1/versions/{id}/diff", version.policyVersion), { from: other }),
    enabled: other !== undefined,
  });
  const choose = (chosen: string): void => {
    void navigate({ to: ".", search: (before: Search) => ({ ...before, from: chosen }), replace: true, resetScroll: false });
  };
  if (list.data !== undefined && other === undefined)
    return (
      <Panel title="What it has otherwise">
        <p>It is the only version: there is none to compare it with.</p>
      </Panel>
    );
  return (
    <Panel title="What it has otherwise">
      <label className={styles["choice"]}>
        than version
        <select value={other ?? ""} onChange={(event) => choose(event.target.value)}>
          {others.map(({ policyVersion, inForce, note }) => (
            <option key={policyVersion} value={policyVersion}>
              {shortVersion(policyVersion)}
              {inForce ? ", in force" : ""}
              {note === undefined ? "" : `: ${plain(note, 60)}`}
            </option>
          ))}
          {other !== undefined && !others.some(({ policyVersion }) => policyVersion === other) && (
            <option value={other}>{plain(other, 12)}</option>
          )}
        </select>
      </label>
      <Loading query={query} rows={3}>
        {({ files }) => (
          <>
            <p>{changedWords(files)}</p>
            <Diff files={files} />
          </>
        )}
      </Loading>
    </Panel>
  );
}
