import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import type { Decision } from "../../../domain/entities/decision.ts";
import type { Profile } from "../../../domain/record/profile.ts";
import type { VersionView } from "../../../operations/versions/views.ts";
import { Problem, pathOf } from "../../api/client.ts";
import { read, useAct } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { Captions } from "../../parts/details.tsx";
import { Mark } from "../../parts/mark.tsx";
import { PlainTable } from "../../parts/plain-table.tsx";
import { Reason } from "../../parts/reason.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { Trouble } from "../../parts/trouble.tsx";
import { valueWords } from "../../values/facts.ts";
import { markOfAction } from "../../values/marks.ts";
import { plain } from "../../values/visible.ts";
import styles from "./what-if.module.css";
import { type Asked, askedWords, bodyOf, otherwise, type SupposedFact, understoodAs } from "./what-if-words.ts";

interface Answered {
  readonly before: Decision;
  readonly after: Decision | null;
  readonly same: boolean;
}

type Body = ReturnType<typeof bodyOf>;

const NOTHING: Asked = { facts: [{ path: "", value: "" }], at: "", policy: "" };
/** Facts of one question. */
const MOST_FACTS = 5;

/** What would have been decided with another fact, at another time or under another version. Nothing is written, and nothing is sent. */
export function WhatIf({ decision }: { readonly decision: Decision }): ReactNode {
  const maySee = useMay()("content");
  const [isOpen, setOpen] = useState(false);
  if (!maySee) return null;
  return (
    <details className="not-printed" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>What if a fact, the time or the version were another?</summary>
      {isOpen && <Question decision={decision} />}
    </details>
  );
}

// --- internal ---

function Question({ decision }: { readonly decision: Decision }): ReactNode {
  const [asked, setAsked] = useState<Asked>(NOTHING);
  const act = useAct<Answered, Body>((body) => ({ path: pathOf("/v1/decisions/{id}/what-if", decision.decisionId), body }), []);
  const profile = useQuery(read<Profile>("customer", pathOf("/v1/customers/{id}", decision.customerId))).data;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!act.isPending) act.mutate(bodyOf(asked));
  };
  return (
    <section className={styles["question"]} aria-label="What if">
      <form className={styles["form"]} onSubmit={submit}>
        {asked.facts.map((fact, index) => (
          <Fact
            // biome-ignore lint/suspicious/noArrayIndexKey: facts have no other name before they are typed.
            key={index}
            fact={fact}
            profile={profile}
            onChange={(changed) => setAsked({ ...asked, facts: asked.facts.with(index, changed) })}
          />
        ))}
        {asked.facts.length < MOST_FACTS && (
          <Button look="bare" onClick={() => setAsked({ ...asked, facts: [...asked.facts, { path: "", value: "" }] })}>
            Another fact
          </Button>
        )}
        <label className={styles["field"]}>
          Time, in UTC
          <input type="datetime-local" value={asked.at} onChange={({ target }) => setAsked({ ...asked, at: target.value })} />
        </label>
        <Versions decision={decision} value={asked.policy} onChange={(policy) => setAsked({ ...asked, policy })} />
        <div>
          <Button type="submit" look="main" busy={act.isPending}>
            {act.isPending ? "It is decided again" : "See what would be decided"}
          </Button>
        </div>
      </form>
      {act.error !== null && <Refused error={act.error} />}
      {act.data !== undefined && <Answer answer={act.data} asked={act.variables ?? {}} />}
    </section>
  );
}

interface FactProps {
  readonly fact: SupposedFact;
  readonly profile: Profile | undefined;
  readonly onChange: (fact: SupposedFact) => void;
}

function Fact({ fact, profile, onChange }: FactProps): ReactNode {
  const list = useId();
  const known = profile?.fields.find(({ path }) => path === fact.path.trim());
  return (
    <div className={styles["fact"]}>
      <label className={styles["field"]}>
        Fact of the customer
        <input
          value={fact.path}
          list={list}
          placeholder="vehicle.mileage"
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => onChange({ ...fact, path: target.value })}
        />
      </label>
      <datalist id={list}>
        {profile?.fields.map(({ path, value }) => (
          <option key={path} value={path}>
            {plain(valueWords(value), 60)}
          </option>
        ))}
      </datalist>
      <label className={styles["field"]}>
        would be
        <input
          value={fact.value}
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => onChange({ ...fact, value: target.value })}
        />
      </label>
      {fact.path.trim() !== "" && (
        <p className={styles["now"]}>
          {understoodAs(fact.value)}; now:{" "}
          {known === undefined ? "nothing is known by this name" : <Said text={valueWords(known.value)} most={200} />}
        </p>
      )}
    </div>
  );
}

interface VersionsProps {
  readonly decision: Decision;
  readonly value: string;
  readonly onChange: (version: string) => void;
}

function Versions({ decision, value, onChange }: VersionsProps): ReactNode {
  const { data } = useQuery(read<{ readonly versions: readonly VersionView[] }>("versions", "/v1/versions", { limit: 100 }));
  const versions = new Map((data?.versions ?? []).toReversed().map((one) => [one.policyVersion, one]));
  versions.delete(decision.policyVersion);
  return (
    <label className={styles["field"]}>
      Version
      <select value={value} onChange={({ target }) => onChange(target.value)}>
        <option value="">that of the decision, {decision.policyVersion.slice(0, 12)}</option>
        {[...versions.values()].toReversed().map(({ policyVersion, inForce, note }) => (
          <option key={policyVersion} value={policyVersion}>
            {policyVersion.slice(0, 12)}
            {inForce ? ", in force" : ""}
            {note === undefined ? "" : `: ${plain(note, 60)}`}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A decision that cannot be made again is no failure: the record does not lead to it. */
const Refused = ({ error }: { readonly error: Error }): ReactNode =>
  error instanceof Problem && error.status === 409 ? (
    <p role="alert">
      It cannot be decided again: <Said text={error.detail} />
    </p>
  ) : (
    <Trouble error={error} />
  );

function Answer({ answer: { before, after, same }, asked }: { readonly answer: Answered; readonly asked: Body }): ReactNode {
  const pairs = otherwise(before, after);
  return (
    <section className={styles["answer"]} aria-label="Simulated" role="status">
      <p>
        <Mark kind="silent" word="simulated; nothing is sent" pill />
      </p>
      <p>
        <Said text={askedWords(asked)} most={1_000} />, {same ? "the same would be decided." : "it would be decided otherwise."}
      </p>
      <div className={styles["sides"]}>
        <Side title="As it was decided" decision={before} />
        <Side title="As it would have been" decision={after} />
      </div>
      {pairs.length > 0 && (
        <PlainTable heads={["Came out otherwise", "Was", "Would have been"]} isCards>
          {pairs.map((pair) => (
            <tr key={pair.experienceId}>
              <th scope="row">
                <Said text={pair.experienceId} most={200} isNarrow />
              </th>
              <td>
                <Verdict of={pair.before} />
              </td>
              <td>
                <Verdict of={pair.after} />
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
    </section>
  );
}

function Side({ title, decision }: { readonly title: string; readonly decision: Decision | null }): ReactNode {
  return (
    <section className={styles["side"]}>
      <h3>{title}</h3>
      {decision === null ? (
        <p>No decision: it finds no open moment, or would only repeat what stands.</p>
      ) : (
        <>
          <Mark kind={markOfAction(decision.action)} word={WORDS[decision.action]} />
          <Captions
            look="row"
            of={[
              ["Experience", decision.experienceId && <Said text={decision.experienceId} most={200} />],
              ["Channel", decision.channel && <Said text={decision.channel} most={100} />],
              ["Variant", decision.variant && <Said text={decision.variant} most={100} />],
              ["Until", decision.until && <Time at={decision.until} as="absolute" />],
              ["Time", <Time key="time" at={decision.decidedAt} as="absolute" />],
            ]}
          />
          {decision.action !== "deliver" &&
            decision.reasons.map((reason) => <Reason key={`${reason.code} ${reason.detail}`} code={reason.code} detail={reason.detail} />)}
        </>
      )}
    </section>
  );
}

const WORDS: Readonly<Record<Decision["action"], string>> = {
  deliver: "sends",
  defer: "waits",
  await_approval: "asks for approval",
  withhold: "holds back",
  silence: "stays silent",
};

function Verdict({ of: candidate }: { readonly of: Decision["candidates"][number] | undefined }): ReactNode {
  if (candidate === undefined) return "was not looked at";
  if (candidate.verdict === "chosen") return "won";
  const [reason] = candidate.reasons;
  return reason === undefined ? candidate.verdict.replaceAll("_", " ") : <Reason code={reason.code} detail={reason.detail} />;
}
