import { Fragment, type ReactNode } from "react";
import { Dialog } from "../parts/dialog.tsx";
import { prefer, usePreferences } from "../reader/preferences.ts";
import styles from "./help.module.css";
import type { Section } from "./navigation.ts";
import { SHELL_KEYS } from "./shell-keys.ts";

/** The keys, and the switch that turns them off. */
export function Help({ sections, onClose }: { readonly sections: readonly Section[]; readonly onClose: () => void }): ReactNode {
  const { keys } = usePreferences();
  const places = sections.flatMap((section) => section.places);
  const all = [...SHELL_KEYS, ...places.map(({ key, title }) => [`g ${key}`, title] as const)];
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className={styles["keys"]}>
        {all.map(([key, words]) => (
          <Fragment key={key}>
            <dt>
              {key.split(" ").map((one) => (
                <Fragment key={one}>
                  <kbd>{one}</kbd>{" "}
                </Fragment>
              ))}
            </dt>
            <dd>{words}</dd>
          </Fragment>
        ))}
      </dl>
      <label className={styles["off"]}>
        <input type="checkbox" checked={keys} onChange={(event) => prefer({ keys: event.target.checked })} />
        Single keys do something
      </label>
    </Dialog>
  );
}
