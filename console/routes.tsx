import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { FailedPage, NoPage } from "./shell/failed-page.tsx";
import { Frame } from "./shell/frame.tsx";

// Every page, by its path below /console. A page is loaded when it is opened. Its line in the navigation is in shell/navigation.ts.

/** The state before the first page. */
interface Context {
  /** Why the link in the address did not sign in. */
  readonly linkProblem?: string | undefined;
}

/** Addresses are plain: `?customer=c-dana`. Every member is text. */
type Search = Readonly<Record<string, string | undefined>>;
export const parseSearch = (text: string): Search => Object.fromEntries(new URLSearchParams(text));
export function writeSearch(search: Readonly<Record<string, unknown>>): string {
  const set = Object.entries(search).filter((entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== "");
  const text = new URLSearchParams(set).toString();
  return text === "" ? "" : `?${text}`;
}

const root = createRootRouteWithContext<Context>()({
  component: () => <Frame linkProblem={root.useRouteContext().linkProblem} />,
  notFoundComponent: NoPage,
  validateSearch: (search: Readonly<Record<string, unknown>>): Search => search as Search,
});

const page = (path: string, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => root, path, component });

const pages = [
  page(
    "/",
    lazyRouteComponent(() => import("./pages/overview/overview.tsx"), "Overview"),
  ),
  page(
    "/tasks",
    lazyRouteComponent(() => import("./pages/tasks.tsx"), "Tasks"),
  ),
  page(
    "/tasks/$id",
    lazyRouteComponent(() => import("./pages/task/task.tsx"), "Task"),
  ),
  page(
    "/approvals",
    lazyRouteComponent(() => import("./pages/approvals.tsx"), "Approvals"),
  ),
  page(
    "/approvals/$id",
    lazyRouteComponent(() => import("./pages/approval/approval.tsx"), "Approval"),
  ),
  page(
    "/promises",
    lazyRouteComponent(() => import("./pages/promises.tsx"), "Promises"),
  ),
  page(
    "/runs",
    lazyRouteComponent(() => import("./pages/runs.tsx"), "Runs"),
  ),
  page(
    "/runs/$id",
    lazyRouteComponent(() => import("./pages/run/run.tsx"), "Run"),
  ),
  page(
    "/health",
    lazyRouteComponent(() => import("./pages/health/health.tsx"), "Health"),
  ),
  page(
    "/audit",
    lazyRouteComponent(() => import("./pages/audit.tsx"), "Audit"),
  ),
  page(
    "/decisions",
    lazyRouteComponent(() => import("./pages/decisions.tsx"), "Decisions"),
  ),
  page(
    "/decisions/$id",
    lazyRouteComponent(() => import("./pages/decision/decision.tsx"), "Decision"),
  ),
  page(
    "/decisions/$id/sheet",
    lazyRouteComponent(() => import("./pages/decision-sheet/decision-sheet.tsx"), "DecisionSheet"),
  ),
  page(
    "/why",
    lazyRouteComponent(() => import("./pages/why/why.tsx"), "Why"),
  ),
  page(
    "/desk",
    lazyRouteComponent(() => import("./pages/desk.tsx"), "Desk"),
  ),
  page(
    "/customers",
    lazyRouteComponent(() => import("./pages/customers.tsx"), "Customers"),
  ),
  page(
    "/customers/$id",
    lazyRouteComponent(() => import("./pages/customer.tsx"), "Customer"),
  ),
  page(
    "/proposals",
    lazyRouteComponent(() => import("./pages/proposals/proposals.tsx"), "Proposals"),
  ),
  page(
    "/proposals/$id",
    lazyRouteComponent(() => import("./pages/proposals/proposal.tsx"), "Proposal"),
  ),
  page(
    "/canaries",
    lazyRouteComponent(() => import("./pages/canaries/canaries.tsx"), "Canaries"),
  ),
  page(
    "/canaries/$id",
    lazyRouteComponent(() => import("./pages/canaries/canary.tsx"), "Canary"),
  ),
  page(
    "/versions",
    lazyRouteComponent(() => import("./pages/versions/versions.tsx"), "Versions"),
  ),
  page(
    "/versions/$id",
    lazyRouteComponent(() => import("./pages/versions/version.tsx"), "Version"),
  ),
  page(
    "/rehearsals",
    lazyRouteComponent(() => import("./pages/rehearsals/rehearsals.tsx"), "Rehearsals"),
  ),
  page(
    "/rehearsals/$id",
    lazyRouteComponent(() => import("./pages/rehearsals/rehearsal.tsx"), "Rehearsal"),
  ),
  page(
    "/rehearsals/$id/decisions",
    lazyRouteComponent(() => import("./pages/rehearsals/behind.tsx"), "Behind"),
  ),
  page(
    "/settings",
    lazyRouteComponent(() => import("./pages/settings/settings.tsx"), "Settings"),
  ),
];

export const createConsoleRouter = (basepath: string, context: Context = {}) =>
  createRouter({
    context,
    routeTree: root.addChildren(pages),
    basepath,
    parseSearch,
    stringifySearch: writeSearch,
    defaultErrorComponent: FailedPage,
    defaultPreload: "intent",
    scrollRestoration: true,
  });
