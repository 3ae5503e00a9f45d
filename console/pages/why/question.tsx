import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useDeferredValue, useState } from "react";
import type { z } from "zod";
import type { ExperienceView } from "../../../operations/look-up-views.ts";
import { read } from "../../api/queries.ts";
import { type Filter, FilterBar } from "../../parts/filter-bar.tsx";
import { Trouble } from "../../parts/trouble.tsx";

type Experience = z.infer<typeof ExperienceView>;

interface Found {
  readonly kind: string;
  readonly id: string;
  readonly title?: string | undefined;
}

/** The question: customer, experience and days, all of it in the address. */
export function Question(): ReactNode {
  const [typed, setTyped] = useState("");
  const catalogue = useQuery(read<{ readonly experiences: readonly Experience[] }>("policy", "/v1/experiences"));
  const experiences = catalogue.data?.experiences ?? [];
  const filters: readonly Filter[] = [
    { name: "customer", label: "Customer", placeholder: "id, name or address", suggestions: useCustomers(typed), onType: setTyped },
    {
      name: "experience",
      label: "Experience",
      any: "choose",
      choices: experiences.map(({ id, name }) => [id, name === id ? id : `${id} · ${name}`] as const),
    },
    { name: "from", label: "From", type: "date" },
    { name: "to", label: "Until", type: "date" },
  ];
  return (
    <>
      <FilterBar filters={filters} />
      {catalogue.error && <Trouble error={catalogue.error} again={catalogue.refetch} />}
    </>
  );
}

// --- internal ---

/** From two letters on. Without an answer there is nothing to choose from; the id can be typed. */
function useCustomers(typed: string): readonly (readonly [value: string, word: string])[] {
  const q = useDeferredValue(typed.trim());
  const query = useQuery({
    ...read<{ readonly found: readonly Found[] }>("customer", "/v1/search", { q }),
    enabled: q.length >= 2,
    retry: false,
  });
  if (q.length < 2) return [];
  return (query.data?.found ?? []).filter(({ kind }) => kind === "customer").map(({ id, title }) => [id, title ?? id] as const);
}
