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
import { createConsoleRouter } from "./routes.tsx";

const place = document.getElementById("root");
if (place)
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={createQueryClient()}>
        <RouterProvider router={createConsoleRouter(consolePath())} />
      </QueryClientProvider>
    </StrictMode>,
  );
