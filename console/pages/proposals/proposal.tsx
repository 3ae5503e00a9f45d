import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ProposalView } from "../../../operations/proposals/views.ts";
import { pathOf } from "../../api/client.ts";
import { read } from "../../api/queries.ts";
import { Code } from "../../parts/code.tsx";
import { Details } from "../../parts/details.tsx";
import { Diff } from "../../parts/diff/diff.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Columns, Page, Panel } from "../../parts/page.tsx";
import { PlainTable } from "../../parts/plain-table.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { PROPOSAL_MARKS } from "../../values/statuses.ts";
import { plain } from "../../values/visible.ts";
import { NewestRehearsal } from "../rehearsals/newest.tsx";
import { AnswerProposal } from "./answer-proposal.tsx";
import styles from "./proposal.module.css";
import { ReviseProposal } from "./revise-proposal.tsx";
import { goldenWords } from "./words.ts";

/** One proposal: the text as it will go, what it changes, what speaks for it, and the answer to it. */
export function Proposal(): ReactNode {
  const { id = "" } = useParams({ strict: false });
  const query = useQuery(read<ProposalView>("proposals", pathOf("/v1/proposals/{id}", id)));
  const { data: proposal } = query;
  return (
    <Page
      title={proposal ? `Proposal: ${proposal.experienceId}` : "Proposal"}
      above={<Link to="/proposals">Proposals</Link>}
      answer={proposal && <State proposal={proposal} />}
      actions={proposal?.status === "open" && <ReviseProposal proposal={proposal} />}
    >
      <Loading query={query}>{(loaded) => <Body proposal={loaded} />}</Loading>
    </Page>
  );
}

// --- internal ---

function State({ proposal }: { readonly proposal: ProposalView }): ReactNode {
  const { status, by, createdAt, revisedAt, answeredAt, answeredBy, answer, policyVersion, publishedAs, unverified } = proposal;
  return (
    <>
      <Mark kind={PROPOSAL_MARKS[status]} word={status === "open" ? "waits for an answer" : status} pill /> Proposed by{" "}
      <Said text={by} most={200} />, <Time at={createdAt} />
      {revisedAt !== undefined && (
        <>
          , revised <Time at={revisedAt} />
        </>
      )}
      .
      {answeredBy !== undefined && answeredAt !== undefined && (
        <>
          {" "}
          {status === "approved" ? "Approved" : "Rejected"} by <Said text={answeredBy} most={200} />, <Time at={answeredAt} />
          {answer === undefined ? (
            "."
          ) : (
            <>
              : “<Said text={answer} />”
            </>
          )}
        </>
      )}
      {policyVersion !== undefined && (
        <>
          {" "}
          Published as {publishedAs === "approved" ? "approved" : "a canary"} with{" "}
          <Link to="/versions/$id" params={{ id: policyVersion }}>
            version {policyVersion.slice(0, 12)}
          </Link>
          .
        </>
      )}
      {unverified && " A name is as it was given: no key names the person."}
    </>
  );
}

function Body({ proposal }: { readonly proposal: ProposalView }): ReactNode {
  const { because, experience, evals, problems, status, hash, diff } = proposal;
  return (
    <Columns
      beside={
        <>
          {status === "open" && (
            <Panel title="Your answer">
              <AnswerProposal key={hash} proposal={proposal} />
            </Panel>
          )}
          <Panel title="What speaks for it">
            {because === undefined ? <p>Nothing was written down.</p> : <Said text={because} />}
            <Evidence proposal={proposal} />
          </Panel>
          <NewestRehearsal of={{ proposal: proposal.proposalId }} />
          <Golden proposal={proposal} />
          <Record proposal={proposal} />
        </>
      }
    >
      {problems.length > 0 && (
        <Panel title="Problems">
          <ul>
            {problems.map(({ file, line, path, message }) => (
              <li key={`${file} ${line} ${path} ${message}`}>
                <Said text={[`${file}${line === undefined ? "" : `:${line}`}`, path, message].filter(Boolean).join(": ")} most={1_000} />
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <Texts proposal={proposal} />
      <Panel title={experience.inForce === undefined ? "The file, which is new" : "What it changes"}>
        <Diff files={diff} />
      </Panel>
      <Panel title="The file as it will go">
        <details>
          <summary>
            <Said text={experience.file} most={200} />
          </summary>
          <Code label={plain(experience.file, 200)} text={experience.willBe} />
        </details>
      </Panel>
      {evals.length > 0 && (
        <Panel title="Golden decisions that it brings">
          {evals.map(({ file, willBe }) => (
            <details key={file}>
              <summary>
                <Said text={file} most={200} />
              </summary>
              <Code label={plain(file, 200)} text={willBe} />
            </details>
          ))}
        </Panel>
      )}
    </Columns>
  );
}

/** What each channel would say, as it is written: what stands in braces is filled in for each customer. */
function Texts({ proposal: { texts } }: { readonly proposal: ProposalView }): ReactNode {
  return (
    <Panel title="The texts as they will go">
      {texts.length === 0 ? (
        <p>It says nothing on any channel.</p>
      ) : (
        <PlainTable heads={["Channel", "Part", "Text"]} isCards>
          {texts.map(({ channel, variant, locale, part, text }) => (
            <tr key={[channel, variant, locale, part].join(" ")}>
              <th scope="row">
                <Said text={[channel, variant, locale].filter(Boolean).join(", ")} most={200} />
              </th>
              <td className={styles["part"]}>
                <Said text={part} most={100} />
              </td>
              <td>
                <Said text={text} />
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
    </Panel>
  );
}

/** Where each kind of record has its page. */
const PAGES: Readonly<Record<string, string>> = { decision: "/decisions/", run: "/runs/", task: "/tasks/" };

function Evidence({ proposal: { records } }: { readonly proposal: ProposalView }): ReactNode {
  if (records.length === 0) return <p>It names no records.</p>;
  return (
    <ul>
      {records.map(({ id, kind, customerId }) => (
        <li key={id}>
          {PAGES[kind] === undefined ? (
            <Said text={kind === "gone" ? `${id} is gone: it was erased or pruned` : `${kind} ${id}`} most={300} />
          ) : (
            <Link to={`${PAGES[kind]}${encodeURIComponent(id)}`}>{plain(`${kind} ${id.slice(0, 20)}`, 60)}</Link>
          )}
          {customerId !== undefined && (
            <>
              {" of "}
              <Link to={`/customers/${encodeURIComponent(customerId)}`}>{plain(customerId)}</Link>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

function Golden({ proposal: { golden } }: { readonly proposal: ProposalView }): ReactNode {
  return (
    <Panel title="Golden decisions" aside={goldenWords(golden)}>
      {golden.length === 0 && <p>Neither it nor the version in force has any.</p>}
      {golden.map(({ name, file, brought, cases }) => (
        <PlainTable key={`${file} ${name}`} heads={[`${plain(name, 100)}${brought ? ", brought along" : ""}`, "Result"]} isCards>
          {cases.map((one) => (
            <tr key={one.name}>
              <th scope="row">
                <Said text={one.name} most={300} />
              </th>
              <td>
                <Mark kind={one.passed ? "sent" : "failed"} word={one.passed ? "passes" : "does not pass"} />
                {one.differs.map(({ expectation, because }) => (
                  <div key={`${expectation} ${because}`}>
                    <Said text={`${expectation}: ${because}`} most={500} />
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </PlainTable>
      ))}
    </Panel>
  );
}

const Record = ({ proposal: { authors, hash, assessed } }: { readonly proposal: ProposalView }): ReactNode => (
  <Panel title="Record">
    <Details
      of={[
        ...authors.map(({ by, at }, index): readonly [string, ReactNode] => [
          index === 0 ? "Proposed" : `Revised ${index}`,
          <>
            by <Said text={by} most={200} />, <Time at={at} />
          </>,
        ]),
        ["Hash", <code key="hash">{hash.slice(0, 16)}…</code>],
        [
          "Checked",
          <>
            <Time at={assessed.at} /> under version {assessed.policyVersion.slice(0, 12)}
          </>,
        ],
      ]}
    />
  </Panel>
);
