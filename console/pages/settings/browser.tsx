import type { ReactNode } from "react";
import { Panel } from "../../parts/page.tsx";
import { type Preferences, prefer, ROWS, usePreferences } from "../../reader/preferences.ts";
import styles from "./settings.module.css";

/** Preferences of this browser; nobody else sees them. */
export function ThisBrowser(): ReactNode {
  const { theme, zone, keys, rows } = usePreferences();
  return (
    <Panel title="This browser" aside="kept here alone">
      <div className={styles["choices"]}>
        <Choice label="Theme" value={theme} among={THEMES} onChoose={(chosen) => prefer({ theme: chosen })} />
        <Choice label="Times" value={zone} among={ZONES} onChoose={(chosen) => prefer({ zone: chosen })} />
        <Choice
          label="Rows a page"
          value={String(rows)}
          among={ROWS.map((count) => [String(count), String(count)] as const)}
          onChoose={(chosen) => prefer({ rows: Number(chosen) as Preferences["rows"] })}
        />
        <label className={styles["check"]}>
          <input type="checkbox" checked={keys} onChange={(event) => prefer({ keys: event.target.checked })} />
          Single keys do something; <kbd>?</kbd> lists them
        </label>
      </div>
    </Panel>
  );
}

// --- internal ---

const THEMES = [
  ["system", "as the system"],
  ["light", "light"],
  ["dark", "dark"],
] as const;

const ZONES = [
  ["hers", "in the customer's zone"],
  ["mine", "in my zone"],
  ["utc", "in UTC"],
] as const;

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly among: readonly (readonly [value: Value, words: string])[];
  readonly onChoose: (value: Value) => void;
}

function Choice<Value extends string>({ label, value, among, onChoose }: ChoiceProps<Value>): ReactNode {
  return (
    <label className={styles["choice"]}>
      {label}
      <select value={value} onChange={(event) => onChoose(event.target.value as Value)}>
        {among.map(([one, words]) => (
          <option key={one} value={one}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
