// The order of the layers is that of these files: what the parts say must come after the base.
import "./styles/base.css";
import "./styles/tokens.css";
import "./styles/print.css";

import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { consolePath } from "./api/client.ts";
import { createQueryClient } from "./api/queries.ts";
import { signInByCode } from "./api/session.ts";
import { createConsoleRouter } from "./routes.tsx";

/** Signs in by a link, if the address is one, before anything is asked. */
async function start(place: HTMLElement): Promise<void> {
  const linkProblem = await signInByCode();
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={createQueryClient()}>
        <RouterProvider router={createConsoleRouter(consolePath(), { linkProblem })} />
      </QueryClientProvider>
    </StrictMode>,
  );
}

const place = document.getElementById("root");
if (place) void start(place);
