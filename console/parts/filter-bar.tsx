import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useId, useState } from "react";
import { Button } from "./button.tsx";
import styles from "./filter-bar.module.css";

/** A filter: its name is that in the address and in the API. */
export interface Filter {
  readonly name: string;
  readonly label: string;
  /** Its choices, with a word each; a filter without them takes text. */
  readonly choices?: readonly (readonly [value: string, word: string])[];
  /** The word of no choice. */
  readonly any?: string;
  readonly type?: "text" | "date";
  readonly placeholder?: string;
  /** Shown when more filters are asked for, or when it is set. */
  readonly extra?: boolean;
  /** Completions of a text, with a word each, and the text typed so far. */
  readonly suggestions?: readonly (readonly [value: string, word: string])[];
  readonly onType?: (text: string) => void;
}

/** The filters in the address. */
export type Search = Readonly<Record<string, string | undefined>>;

/** The search of the address: filters, tab, selected row. */
export const useFilters = (): Search => useSearch({ strict: false });

/** The members of a search that are filters, for a query of the API. */
export const filtersIn = (search: Search, filters: readonly Filter[]): Search =>
  Object.fromEntries(filters.map(({ name }) => [name, search[name]]).filter(([, value]) => value !== undefined && value !== ""));

/** Filters of a list, bound to the address: each change is a step back and forward, a link and a reload. */
export function FilterBar({ filters }: { readonly filters: readonly Filter[] }): ReactNode {
  const search = useFilters();
  const navigate = useNavigate();
  const set = (changed: Search): void => {
    void navigate({ to: ".", search: (before: Search) => ({ ...before, ...changed }) });
  };
  const [isOpen, setOpen] = useState(false);
  const names = Object.keys(filtersIn(search, filters));
  const shown = filters.filter(({ name, extra }) => isOpen || !extra || names.includes(name));
  return (
    <search>
      <form className={styles["bar"]} data-open={isOpen || undefined} onSubmit={(event) => event.preventDefault()}>
        {shown.map((filter) => (
          <Field
            key={filter.name}
            filter={filter}
            value={search[filter.name] ?? ""}
            onChange={(value) => set({ [filter.name]: value || undefined })}
          />
        ))}
        <Button
          look="bare"
          aria-expanded={isOpen}
          data-more={filters.some(({ extra }) => extra) || undefined}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? "Fewer filters" : "More filters"}
        </Button>
        {names.length > 0 && (
          <Button
            look="bare"
            onClick={({ currentTarget: { form } }) => {
              set(Object.fromEntries(names.map((name) => [name, undefined])));
              // The button goes away: the focus stays with the filters.
              form?.querySelector<HTMLElement>("input, select")?.focus();
            }}
          >
            Clear
          </Button>
        )}
      </form>
    </search>
  );
}

// --- internal ---

interface FieldProps {
  readonly filter: Filter;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Field({ filter, value, onChange }: FieldProps): ReactNode {
  const { label, choices, any = "any" } = filter;
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: its control is a component of this file.
    <label className={styles["field"]}>
      {label}
      {choices ? (
        <select className={styles["input"]} value={value} data-set={value || undefined} onChange={(event) => onChange(event.target.value)}>
          <option value="">{any}</option>
          {choices.map(([choice, word]) => (
            <option key={choice} value={choice}>
              {word}
            </option>
          ))}
          {value !== "" && !choices.some(([choice]) => choice === value) && <option value={value}>{value}</option>}
        </select>
      ) : (
        <Text filter={filter} value={value} onChange={onChange} />
      )}
    </label>
  );
}

/** A text is taken on Enter and when the field is left, so that half a word asks for nothing. */
function Text({ filter, value, onChange }: FieldProps): ReactNode {
  const [typed, setTyped] = useState(value);
  // Not in an effect: it may run after the first keys, and would take them back.
  const [taken, setTaken] = useState(value);
  if (taken !== value) {
    setTaken(value);
    setTyped(value);
  }
  const take = (): void => {
    if (typed.trim() !== value) onChange(typed.trim());
  };
  const list = useId();
  const { suggestions, onType } = filter;
  return (
    <>
      <input
        className={styles["input"]}
        type={filter.type ?? "text"}
        value={typed}
        data-set={value || undefined}
        placeholder={filter.placeholder}
        autoComplete="off"
        spellCheck={false}
        list={suggestions ? list : undefined}
        onChange={(event) => {
          setTyped(event.target.value);
          onType?.(event.target.value);
        }}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === "Enter") take();
        }}
      />
      {suggestions && (
        <datalist id={list}>
          {suggestions.map(([suggested, word]) => (
            <option key={suggested} value={suggested}>
              {word}
            </option>
          ))}
        </datalist>
      )}
    </>
  );
}
