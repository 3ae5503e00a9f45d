import type { ReactNode } from "react";

/** Icons of sixteen by sixteen, as strokes. They stand beside words and say nothing themselves. */
const PATHS = {
  overview: "M2.5 9.5V13h3V9.5zM6.5 6v7h3V6zM10.5 3v10h3V3z",
  desk: "M3 6.5h10M4 6.5V13M12 6.5V13M2.5 3.5h11v3h-11z",
  tasks: "M3 4.5l1.3 1.3L6.5 3.5M3 10.5l1.3 1.3 2.2-2.3M8.5 4.5h5M8.5 10.5h5",
  approvals: "M8 1.8l5 1.9v4.1c0 3-2.1 5.3-5 6.4-2.9-1.1-5-3.4-5-6.4V3.7zM5.8 8l1.6 1.6 2.9-3.1",
  promises: "M8 4.5V8l2.3 1.5M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z",
  customers: "M8 7.5a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM2.8 13.5c.6-2.6 2.6-4 5.2-4s4.6 1.4 5.2 4",
  decisions: "M8 2.5v3M8 5.5L4 9v4.5M8 5.5L12 9v4.5M2.5 11.8L4 13.5l1.5-1.7M10.5 11.8l1.5 1.7 1.5-1.7",
  why: "M6 6.2a2 2 0 1 1 2.8 1.9c-.6.3-.8.7-.8 1.4M8 11.7v.1M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z",
  health: "M2 8.5h3l1.5-4 2.7 7 1.6-3H14",
  runs: "M4.5 3v10l8-5z",
  audit: "M4 2.5h6l2.5 2.5v8.5H4zM6 8h4.5M6 10.5h4.5",
  settings:
    "M8 5.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4zM8 2v1.6M8 12.4V14M3.8 3.8l1.1 1.1M11.1 11.1l1.1 1.1M2 8h1.6M12.4 8H14M3.8 12.2l1.1-1.1M11.1 4.9l1.1-1.1",
  catalogue: "M2.5 3h4.5v4.5H2.5zM9 3h4.5v4.5H9zM2.5 9.5H7V14H2.5zM9 9.5h4.5V14H9z",
  proposals: "M4 2.5h5l3 3v8H4zM9 2.5v3h3M8 7.5v4M6 9.5h4",
  canaries: "M3 13.5V9.5M8 13.5V6.5M13 13.5V2.5M2 5.5h12",
  rehearsals: "M2.5 12.5h11M2.5 10c2.5 0 2.5-6 5-6s3 4.5 6 4.5M2.5 10c2.5 0 3.5-2 5.5-2s3 3 5.5 3",
  versions: "M5 2.5v11M5 4.5a2 2 0 1 1 0-.01M5 11.5a2 2 0 1 1 0-.01M11 8a2 2 0 1 1 0-.01M5 6.5c0 2 2 1.5 4 1.5",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  search: "M7 12a5 5 0 1 0 0-10 5 5 0 0 0 0 10zM10.6 10.6L14 14",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.5V3h7.5v7.5h-2.5M3 5.5h7.5V13H3z",
  back: "M9.5 3.5L5 8l4.5 4.5",
  forward: "M6.5 3.5L11 8l-4.5 4.5",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9",
  pause: "M5 3v10M11 3v10",
  warning: "M8 2.5l6 11H2zM8 6.5v3.2M8 11.6v.1",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
