import { nodeProgram } from "./node-program.ts";
import type { Part } from "./part.ts";

/** An upstream that answers with its name and what it saw, as JSON. */
export function originPart(name: string, directory: string): Part {
  return nodeProgram({ name, directory, script: "envoy-local/origin/echo.ts", env: () => ({ NAME: name }) });
}
