import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import type { PageOf } from "../../../operations/monitoring/views.ts";
import type { ProposalLine } from "../../../operations/proposals/views.ts";
import type { RehearsalOutcome } from "../../../operations/rehearsals/views.ts";
import type { VersionView } from "../../../operations/versions/views.ts";
import { Problem } from "../../api/client.ts";
import { read, useAct } from "../../api/queries.ts";
import { FormButtons } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Trouble } from "../../parts/trouble.tsx";
import { plain } from "../../values/visible.ts";
import { eachOnce } from "../versions/words.ts";
import styles from "./start.module.css";
import { byField, type Field, shareOf, versionWords } from "./words.ts";

export interface StartProps {
  /** What is rehearsed unless something else is chosen: `version:…`, `proposal:…`, or nothing. */
  readonly chosen: string;
  readonly onClose: () => void;
}

/** Asks what is rehearsed, against what and how far, and starts it. */
export function Start({ chosen, onClose }: StartProps): ReactNode {
  const [typed, setTyped] = useState<Typed>({
    ...{ with: chosen, against: "", days: "30", paths: "20", customers: "", seed: "", by: "", backtest: "" },
  });
  const navigate = useNavigate();
  const act = useAct<RehearsalOutcome, Typed>((given) => ({ path: "/v1/rehearsals", body: bodyOf(given) }), ["rehearsals", "audit"]);
  const said = act.error instanceof Problem && act.error.status === 400 ? byField(act.error.detail) : undefined;
  const isToldAtFields = said !== undefined && said.rest === "";
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (act.isPending) return;
    act.mutate(typed, {
      onSuccess: ({ rehearsalId }) => void navigate({ to: "/rehearsals/$id", params: { id: rehearsalId } }),
    });
  };
  const field = (name: Field, label: string, more: FieldExtras = {}): ReactNode => (
    <TextField
      label={label}
      value={typed[name]}
      wrong={said?.fields[name]}
      onChange={(value) => setTyped((before) => ({ ...before, [name]: value }))}
      {...more}
    />
  );
  return (
    <Dialog title="Rehearse a change" onClose={onClose}>
      <form className={styles["form"]} onSubmit={submit} noValidate>
        <p>
          Both are played on the recorded stream and on the same futures of the same customers. Nothing is sent, and no customer's record
          changes. It may take minutes; you can go on meanwhile.
        </p>
        <Sides typed={typed} wrong={said?.fields ?? {}} onChange={(changed) => setTyped((before) => ({ ...before, ...changed }))} />
        <div className={styles["fields"]}>
          {field("days", "Days", { isNumber: true })}
          {field("paths", "Futures (paths)", { isNumber: true })}
          {field("customers", "Customers, at most", { isNumber: true, placeholder: "20,000" })}
          {field("seed", "Seed", { placeholder: "sentient" })}
          {field("by", "Results by field", { placeholder: "such as segment" })}
          {field("backtest", "Also foretell the last part", { placeholder: "such as 30%", isNumber: true })}
        </div>
        {act.error !== null && !isToldAtFields && <Trouble error={act.error} />}
        <FormButtons verb="Start it" busy={act.isPending} onBack={onClose} />
      </form>
    </Dialog>
  );
}

// --- internal ---

/** What is typed and chosen, as text; what is empty is left to the server. */
type Typed = Readonly<Record<Field, string>>;

interface SidesProps {
  readonly typed: Typed;
  readonly wrong: Readonly<Partial<Record<Field, string>>>;
  readonly onChange: (changed: Partial<Typed>) => void;
}

/** What is rehearsed, and against which version. */
function Sides({ typed, wrong, onChange }: SidesProps): ReactNode {
  const versions = useQuery(read<{ readonly versions: readonly VersionView[] }>("versions", "/v1/versions", { limit: 200 }));
  const proposals = useQuery(read<PageOf<"proposals", ProposalLine>>("proposals", "/v1/proposals", { status: "open", limit: 100 }));
  const kept = eachOnce(versions.data?.versions ?? []);
  const open = proposals.data?.proposals ?? [];
  const versionOptions = kept.map(({ policyVersion, inForce, note }) => ({
    value: policyVersion,
    words: [versionWords(policyVersion), inForce && "in force", note && plain(note, 60)].filter(Boolean).join(", "),
  }));
  const proposalOptions = open.map(({ proposalId, experienceId, by }) => ({
    value: `proposal:${proposalId}`,
    words: plain(`proposal of ${experienceId}, by ${by}`, 100),
  }));
  const withOptions = [...proposalOptions, ...versionOptions.map((one) => ({ ...one, value: `version:${one.value}` }))];
  const failed = versions.error ?? proposals.error;
  return (
    <>
      {failed && <Trouble error={failed} />}
      <Choice
        {...{ label: "What is rehearsed", first: "the version in force", options: withOptions, value: typed.with, wrong: wrong.with }}
        onChange={(value) => onChange({ with: value })}
      />
      <Choice
        {...{ label: "Against", first: "the version in force", options: versionOptions, value: typed.against, wrong: wrong.against }}
        onChange={(value) => onChange({ against: value })}
      />
    </>
  );
}

interface ChoiceProps {
  readonly label: string;
  /** The word of no choice. */
  readonly first: string;
  readonly options: readonly { readonly value: string; readonly words: string }[];
  readonly value: string;
  readonly wrong: string | undefined;
  readonly onChange: (value: string) => void;
}

function Choice({ label, first, options, value, wrong, onChange }: ChoiceProps): ReactNode {
  const id = useId();
  return (
    <label className={styles["field"]}>
      {label}
      <select value={value} {...wrongness(id, wrong)} onChange={({ target }) => onChange(target.value)}>
        <option value="">{first}</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.words}
          </option>
        ))}
        {value !== "" && !options.some((option) => option.value === value) && <option value={value}>{plain(value, 40)}</option>}
      </select>
      <Wrong id={id} words={wrong} />
    </label>
  );
}

interface FieldExtras {
  readonly isNumber?: boolean;
  readonly placeholder?: string;
}

interface TextFieldProps extends FieldExtras {
  readonly label: string;
  readonly value: string;
  readonly wrong: string | undefined;
  readonly onChange: (value: string) => void;
}

function TextField({ label, value, wrong, onChange, isNumber = false, placeholder }: TextFieldProps): ReactNode {
  const id = useId();
  return (
    <label className={styles["field"]}>
      {label}
      <input
        value={value}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        inputMode={isNumber ? "numeric" : undefined}
        {...wrongness(id, wrong)}
        onChange={({ target }) => onChange(target.value)}
      />
      <Wrong id={id} words={wrong} />
    </label>
  );
}

const wrongness = (id: string, wrong: string | undefined) => (wrong === undefined ? {} : { "aria-invalid": true, "aria-describedby": id });

const Wrong = ({ id, words }: { readonly id: string; readonly words: string | undefined }): ReactNode =>
  words !== undefined && (
    <span id={id} role="alert" className={styles["wrong"]}>
      {plain(words, 300)}
    </span>
  );

/** The request: numbers as numbers where they are some, so that the server says what is wrong with the others. */
function bodyOf({ with: what, days, paths, customers, backtest, ...texts }: Typed): unknown {
  const at = what.indexOf(":");
  const numbers = Object.entries({ days, paths, customers }).flatMap(([name, text]) => {
    const bare = text.trim().replaceAll(",", "");
    return bare === "" ? [] : [[name, /^-?\d+(\.\d+)?$/.test(bare) ? Number(bare) : bare] as const];
  });
  const given = Object.entries(texts).filter(([, text]) => text.trim() !== "");
  return {
    ...(at < 0 ? {} : { with: { [what.slice(0, at)]: what.slice(at + 1) } }),
    ...Object.fromEntries([...numbers, ...given]),
    ...(backtest.trim() === "" ? {} : { backtest: shareOf(backtest) }),
  };
}
