import type { AnyRoute } from "../route.ts";
import { channelRoutes } from "./channels.ts";
import { healthRoutes } from "./health.ts";
import { importRoutes } from "./import.ts";
import { nextRoutes } from "./next.ts";
import { operationRoutes } from "./operations.ts";
import { previewRoutes } from "./previews.ts";
import { receiptRoutes } from "./receipts.ts";
import { segmentRoutes } from "./segment.ts";
import { sessionRoutes } from "./session.ts";
import { signalRoutes } from "./signals.ts";
import { streamRoutes } from "./stream.ts";

/** All routes. */
export const routes: readonly AnyRoute[] = [
  ...signalRoutes,
  ...segmentRoutes,
  ...nextRoutes,
  ...receiptRoutes,
  ...operationRoutes,
  ...previewRoutes,
  ...importRoutes,
  ...sessionRoutes,
  ...channelRoutes,
  ...streamRoutes,
  ...healthRoutes(() => routes),
];
