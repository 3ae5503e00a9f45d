import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import { pageOf, SearchBox } from "../parts/search-box.tsx";
import styles from "./search.module.css";

/** Opens the search from the rail. */
export function SearchButton({ onOpen }: { readonly onOpen: () => void }): ReactNode {
  return (
    <button type="button" className={styles["search"]} aria-haspopup="dialog" onClick={onOpen}>
      <Icon name="search" />
      Search <kbd>/</kbd>
    </button>
  );
}

/** Search and go. It stands beside the navigation, not in it: what is hidden on a phone shows no dialog. */
export function SearchDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const navigate = useNavigate();
  return (
    <Dialog title="Search" onClose={onClose}>
      <SearchBox
        autoFocus
        label="A customer by name, address or id; a decision, run, delivery or task by the beginning of its id; an experience by name"
        placeholder="dana@mail.example"
        onChoose={(found) => {
          onClose();
          void navigate({ to: pageOf(found) });
        }}
      />
    </Dialog>
  );
}
