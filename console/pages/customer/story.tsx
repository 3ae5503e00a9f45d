import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Explanation } from "../../../domain/deciding/explain.ts";
import type { StoryView } from "../../../operations/people/views.ts";
import { pathOf } from "../../api/client.ts";
import { read, readPages } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Empty } from "../../parts/empty.tsx";
import { useFilters } from "../../parts/filter-bar.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Said } from "../../parts/said.tsx";
import { StoryPicture } from "../../pictures/story-lanes.tsx";
import { useKeys } from "../../reader/keys.ts";
import styles from "./customer.module.css";
import { storyInWords } from "./story-words.ts";

/** The story as picture A, with what is selected beside it. */
export function StoryTab({ id }: { readonly id: string }): ReactNode {
  const { mark, alone, whole } = useFilters();
  const navigate = useNavigate();
  const set = (changed: Readonly<Record<string, string | undefined>>): void =>
    void navigate({ to: ".", search: (before: object) => ({ ...before, ...changed }), resetScroll: false });
  const query = useInfiniteQuery(
    readPages<StoryView>("customer", pathOf("/v1/customers/{id}/story", id), { limit: 100, ...(alone === "yes" ? { ghosts: true } : {}) }),
  );
  const { hasNextPage, fetchNextPage, isFetchingNextPage } = query;
  return (
    <Loading query={query} rows={10}>
      {({ pages }) => {
        const items = pages.toReversed().flatMap((page) => page.items);
        const ghosts = pages.flatMap((page) => page.ghosts ?? []);
        if (items.length === 0) return <NoStory id={id} />;
        return (
          <div className={styles["beside"]} data-open={mark !== undefined || undefined}>
            <div className={styles["picture"]}>
              <div className={styles["tools"]}>
                <label>
                  <input
                    type="checkbox"
                    checked={alone === "yes"}
                    onChange={(event) => set({ alone: event.target.checked ? "yes" : undefined })}
                  />{" "}
                  What each department alone would have sent
                </label>
                <Link to="." search={(before: object) => before} hash="latest">
                  To the latest
                </Link>
                {hasNextPage && whole === "yes" && (
                  <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                    Show earlier
                  </Button>
                )}
              </div>
              <StoryPicture
                sentence={storyInWords(items, ghosts, alone === "yes")}
                items={items}
                ghosts={ghosts}
                departments={pages[0]?.departments ?? []}
                selected={mark}
                isWhole={whole === "yes"}
                onWhole={() => set({ whole: "yes" })}
                onSelect={(decision) => set({ mark: decision === mark ? undefined : decision })}
              />
            </div>
            {mark !== undefined && <Selected id={mark} onClose={() => set({ mark: undefined })} />}
          </div>
        );
      }}
    </Loading>
  );
}

// --- internal ---

const NoStory = ({ id }: { readonly id: string }): ReactNode => (
  <Empty title="Nothing has happened yet" command={`npx sentient signal message.received --customer ${id} --data '{"text": "Hello"}'`}>
    The story begins with the first signal about this customer. What was forgotten after its time (retention) is not told any more.
  </Empty>
);

/** The decision of a mark, in words. */
function Selected({ id, onClose }: { readonly id: string; readonly onClose: () => void }): ReactNode {
  const query = useQuery(read<Explanation>("decisions", pathOf("/v1/decisions/{id}/explanation", id)));
  useKeys({ Escape: onClose });
  return (
    <aside className={styles["aside"]} aria-label="The decision">
      <div className={styles["asideHead"]}>
        <h2>Why</h2>
        <Button look="bare" onClick={onClose}>
          Close
        </Button>
      </div>
      <Loading query={query} rows={4}>
        {({ headline, why, others, smallestChange }) => (
          <>
            <p>
              <strong>
                <Said text={headline} />
              </strong>
            </p>
            {why.map((line) => (
              <p key={line}>
                <Said text={line} />
              </p>
            ))}
            {others.length > 0 && (
              <ul>
                {others.slice(0, 8).map(({ experienceId, why: reason }) => (
                  <li key={experienceId}>
                    {experienceId}: <Said text={reason} />
                  </li>
                ))}
              </ul>
            )}
            {smallestChange !== undefined && (
              <p>
                Smallest change: <Said text={smallestChange} />
              </p>
            )}
            <Link to={`/decisions/${encodeURIComponent(id)}`}>The whole decision</Link>
          </>
        )}
      </Loading>
    </aside>
  );
}
