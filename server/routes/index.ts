import type { AnyRoute } from "../route.ts";
import { channelRoutes } from "./channels.ts";
import { healthRoutes } from "./health.ts";
import { importRoutes } from "./import.ts";
import { lookupRoutes } from "./lookups.ts";
import { operationRoutes } from "./operations.ts";
import { segmentRoutes } from "./segment.ts";
import { signalRoutes } from "./signals.ts";

/** Everything that can be called. */
export const routes: readonly AnyRoute[] = [
  ...signalRoutes,
  ...segmentRoutes,
  ...lookupRoutes,
  ...operationRoutes,
  ...importRoutes,
  ...channelRoutes,
  ...healthRoutes(() => routes),
];
