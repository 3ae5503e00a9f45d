import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import { pageOf, SearchBox } from "../parts/search-box.tsx";
import { useKeys } from "../reader/keys.ts";
import styles from "./search.module.css";

/** Search and go, from every page: by a button, `/`, or Control or Command and K. */
export function Search(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const navigate = useNavigate();
  const open = (): void => setOpen(true);
  useKeys({ "/": open, "Mod+k": open });
  return (
    <>
      <button type="button" className={styles["search"]} aria-haspopup="dialog" onClick={open}>
        <Icon name="search" />
        Search <kbd>/</kbd>
      </button>
      {isOpen && (
        <Dialog title="Search" onClose={() => setOpen(false)}>
          <SearchBox
            autoFocus
            label="A customer by name, address or id; a decision, run, delivery or task by the beginning of its id; an experience by name"
            placeholder="dana@mail.example"
            onChoose={(found) => {
              setOpen(false);
              void navigate({ to: pageOf(found) });
            }}
          />
        </Dialog>
      )}
    </>
  );
}
