import type { ReactNode } from "react";
import { apiUrl } from "../../api/client.ts";
import { plain } from "../../values/visible.ts";
import { Facts } from "../facts.tsx";
import { Said } from "../said.tsx";
import styles from "./message-preview.module.css";

export interface MessagePreviewProps {
  /** The fields as they go; a task's or a payload's too. */
  readonly content: Readonly<Record<string, unknown>>;
  /** The path of the API with the sealed page of a mail, such as `/v1/deliveries/m_1/preview`. */
  readonly page?: string | undefined;
  readonly to?: string | undefined;
  /** Targets of the mail's links, and addresses that it would load from. */
  readonly links?: readonly { readonly target: string; readonly text: string }[] | undefined;
  readonly loads?: readonly string[] | undefined;
  /** The facts that the text states. */
  readonly facts?: Readonly<Record<string, unknown>> | undefined;
  /** The body of a mail as its author wrote it, to be unfolded beside the frame. */
  readonly source?: string | undefined;
}

/**
 * A message as it goes. A mail stands in a sealed frame: nothing in it runs, loads or leads anywhere. Every other text is text, and so is
 * where the links of the mail lead.
 */
export function MessagePreview({ content, page, to, links = [], loads = [], facts = {}, source }: MessagePreviewProps): ReactNode {
  const fields = Object.entries(content)
    .filter(([name]) => page === undefined || name !== "body")
    .sort(([a], [b]) => placeOf(a) - placeOf(b));
  return (
    <div className={styles["message"]}>
      <dl className={styles["fields"]}>
        {to !== undefined && <Field name="to" value={to} />}
        {fields.map(([name, value]) => (
          <Field key={name} name={name} value={value} />
        ))}
      </dl>
      {page !== undefined && (
        <iframe
          className={styles["mail"]}
          data-short={isShort(content["body"]) || undefined}
          sandbox=""
          src={apiUrl(page)}
          title="The mail, as it goes"
          referrerPolicy="no-referrer"
        />
      )}
      {source !== undefined && (
        <details>
          <summary>The body as it is written</summary>
          <p className={styles["source"]}>
            <Said text={source} most={16_384} />
          </p>
        </details>
      )}
      {links.length > 0 && (
        <details>
          <summary>Where its links lead ({links.length})</summary>
          <ol className={styles["beside"]}>
            {links.map(({ target, text }) => (
              <li key={target}>
                <Said text={text === "" ? "without words" : text} most={200} />: <Target text={target} />
              </li>
            ))}
          </ol>
        </details>
      )}
      {loads.length > 0 && (
        <details>
          <summary>What it loads from elsewhere, not shown here ({loads.length})</summary>
          <ol className={styles["beside"]}>
            {loads.map((target) => (
              <li key={target}>
                <Target text={target} />
              </li>
            ))}
          </ol>
        </details>
      )}
      {Object.keys(facts).length > 0 && <Facts facts={facts} label="Facts that it states" isPast />}
    </div>
  );
}

// --- internal ---

/** As a reader meets them: the subject first, the body last. */
const FIRST = ["subject", "title", "summary"];
const placeOf = (name: string): number => (name === "body" ? 1 : FIRST.includes(name) ? FIRST.indexOf(name) - FIRST.length : 0);

/** Whether a mail needs little room: nobody can measure what is in the frame. */
const isShort = (body: unknown): boolean => typeof body === "string" && body.length < 400 && !/<(img|table|style)\b/i.test(body);

const wordsOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value, null, 2)) ?? "";

function Field({ name, value }: { readonly name: string; readonly value: unknown }): ReactNode {
  return (
    <div>
      <dt>
        {plain(
          name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
          80,
        )}
      </dt>
      <dd>
        <Said text={wordsOf(value)} />
      </dd>
    </div>
  );
}

const Target = ({ text }: { readonly text: string }): ReactNode => (
  <span className={styles["target"]}>
    <Said text={text} most={500} />
  </span>
);
