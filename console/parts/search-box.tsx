import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useState } from "react";
import type { FoundView, SearchView } from "../../operations/people/views.ts";
import { read } from "../api/queries.ts";
import { count } from "../values/numbers.ts";
import { plain } from "../values/visible.ts";
import styles from "./search-box.module.css";

export interface SearchBoxProps {
  readonly label: string;
  readonly placeholder?: string;
  /** Takes what was chosen; default: its page is opened. */
  readonly onChoose?: (found: FoundView) => void;
  /** Only these. */
  readonly kinds?: readonly FoundView["kind"][];
  /** In a dialog: it has the focus, and what is found makes room for itself. */
  readonly autoFocus?: boolean;
}

/** The page of a record that was found. */
export function pageOf({ kind, id, customerId }: FoundView): string {
  const path = encodeURIComponent(id);
  if (kind === "customer") return `/customers/${path}`;
  if (kind === "decision") return `/decisions/${path}`;
  if (kind === "run") return `/runs/${path}`;
  if (kind === "task") return `/tasks/${path}`;
  if (kind === "delivery") return `/customers/${encodeURIComponent(customerId ?? "")}`;
  return `/decisions?experience=${path}`;
}

/** A search of everything, as an ARIA combobox: the arrow keys go through what was found, Enter opens it, Escape closes the list. */
export function SearchBox({ label, placeholder, onChoose, kinds, autoFocus = false }: SearchBoxProps): ReactNode {
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const ids = useId();
  const { found, isSettled, hasFailed } = useFound(typed.trim(), kinds);
  const isShown = isOpen && typed.trim() !== "";
  const choose = (one: FoundView | undefined): void => {
    if (!one) return;
    setOpen(false);
    setTyped("");
    if (onChoose) onChoose(one);
    else void navigate({ to: pageOf(one) });
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      setOpen(true);
      setActive((active + step + found.length) % found.length);
    } else if (event.key === "Enter") {
      // The rest of this key press would answer a dialog that the choice opens.
      event.preventDefault();
      choose(found[active]);
    } else if (event.key === "Escape" && isShown) {
      event.stopPropagation();
      event.preventDefault();
      setOpen(false);
    }
  };
  return (
    <search className={[styles["search"], autoFocus && styles["within"]].filter(Boolean).join(" ")}>
      <label className={styles["label"]} htmlFor={`${ids}-input`}>
        {label}
      </label>
      <input
        ref={(element) => {
          // After the dialog around it, which takes the focus when it opens.
          if (autoFocus && element) queueMicrotask(() => element.focus());
        }}
        id={`${ids}-input`}
        className={styles["input"]}
        type="search"
        role="combobox"
        aria-expanded={isShown && found.length > 0}
        aria-controls={`${ids}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isShown && found[active] ? `${ids}-${active}` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKey}
      />
      <Options ids={ids} found={isShown ? found : []} active={active} onChoose={choose} />
      <p role="status" className={isShown && isSettled && found.length === 0 ? styles["none"] : "only-heard"}>
        {isShown && isSettled && (hasFailed ? FAILED : found.length === 0 ? NONE : `${count(found.length)} found`)}
      </p>
    </search>
  );
}

// --- internal ---

const NONE =
  "Nothing found. An id is found by its beginning, an address as a whole, in any spelling; a name among the customers decided last.";
const FAILED = "The search does not answer; type again in a moment.";

interface OptionsProps {
  readonly ids: string;
  readonly found: readonly FoundView[];
  readonly active: number;
  readonly onChoose: (found: FoundView) => void;
}

function Options({ ids, found, active, onChoose }: OptionsProps): ReactNode {
  return (
    <div id={`${ids}-list`} role="listbox" aria-label="What was found" className={styles["list"]} hidden={found.length === 0}>
      {found.map((one, place) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the input's.
        <div
          key={`${one.kind} ${one.id}`}
          id={`${ids}-${place}`}
          role="option"
          tabIndex={-1}
          aria-selected={place === active}
          className={styles["option"]}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onChoose(one)}
        >
          <span className={styles["kind"]}>{one.kind}</span>
          <span>{plain(one.title)}</span>
          {one.title !== one.id && <span className={styles["id"]}>{plain(one.id, 40)}</span>}
        </div>
      ))}
    </div>
  );
}

/** Records that the server finds for a text, asked for after a pause in typing. */
function useFound(typed: string, kinds: SearchBoxProps["kinds"]) {
  const q = useSettled(typed);
  const { data, isFetching, error } = useQuery({ ...read<SearchView>("customers", "/v1/search", { q }), enabled: q !== "" });
  const found = q === "" ? [] : (data?.found ?? []).filter(({ kind }) => kinds?.includes(kind) ?? true);
  return { found, isSettled: q === typed && !isFetching, hasFailed: error !== null };
}

const SETTLE_MS = 150;

/** A text once nobody has typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
