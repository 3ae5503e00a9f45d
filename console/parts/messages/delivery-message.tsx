import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { z } from "zod";
import type { DeliveryView } from "../../../operations/why/views.ts";
import { pathOf } from "../../api/client.ts";
import { read } from "../../api/queries.ts";
import { useMay } from "../../api/session.ts";
import { Loading } from "../loading.tsx";
import { MessagePreview } from "./message-preview.tsx";

type Delivery = z.infer<typeof DeliveryView>;

export interface DeliveryMessageProps {
  readonly deliveryId: string;
  /** On paper a mail is its text: the frame stays on the screen. */
  readonly isPrinted?: boolean;
}

/** The message of a delivery as it went: a mail in its sealed frame, with where its links lead, and the facts with source and age. */
export function DeliveryMessage({ deliveryId, isPrinted = false }: DeliveryMessageProps): ReactNode {
  const may = useMay()("content");
  const query = useQuery({ ...read<Delivery>("deliveries", pathOf("/v1/deliveries/{id}", deliveryId)), enabled: may });
  if (!may) return <p>Its text is not shown to you.</p>;
  return (
    <Loading query={query} rows={2}>
      {({ content, to, links, loads, facts, hasPage, text }) =>
        content === undefined ? (
          <p>No text was written.</p>
        ) : (
          <MessagePreview
            {...{ to, links, loads, facts }}
            content={isPrinted && hasPage && text !== undefined ? { ...content, body: text } : content}
            page={hasPage && !isPrinted ? pathOf("/v1/deliveries/{id}/preview", deliveryId) : undefined}
          />
        )
      }
    </Loading>
  );
}
