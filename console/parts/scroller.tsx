import { type ReactNode, useEffect, useRef, useState } from "react";

export interface ScrollerProps {
  /** The content by name, for readers who hear the page. */
  readonly label: string;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** A place that scrolls sideways where it is too narrow for its content; then it is a stop for the keyboard. */
export function Scroller({ label, className, children }: ScrollerProps): ReactNode {
  const element = useRef<HTMLDivElement>(null);
  const [isNarrow, setNarrow] = useState(false);
  useEffect(() => {
    const place = element.current;
    if (!place) return;
    const observer = new ResizeObserver(() => setNarrow(place.scrollWidth > place.clientWidth));
    observer.observe(place);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={element} className={className} {...(isNarrow ? { role: "group", "aria-label": label, tabIndex: 0 } : {})}>
      {children}
    </div>
  );
}
