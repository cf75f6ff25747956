import { Part } from "./part.ts";
import { LOOPBACK } from "./ports.ts";
import { PROJECT_ROOT } from "./project.ts";

/** A TypeScript program of this folder that listens on the port in `PORT` and tells which one it got with `announce`. */
export function nodeProgram(definition: {
  readonly name: string;
  readonly directory: string;
  /** Relative to the root of the repository. */
  readonly script: string;
  readonly env?: () => Readonly<Record<string, string>>;
}): Part {
  return new Part({
    name: definition.name,
    directory: definition.directory,
    findsPort: true,
    program: (port) => ({
      command: process.execPath,
      args: ["--import", import.meta.resolve("tsx"), `${PROJECT_ROOT}${definition.script}`],
      env: { ...definition.env?.(), HOST: LOOPBACK, PORT: String(port) },
      messages: true,
    }),
    ready: async ({ program }) => announcedPort(await program.message()),
  });
}

function announcedPort(message: unknown): number {
  const port = typeof message === "object" && message !== null && "port" in message ? message.port : undefined;
  if (typeof port !== "number") {
    throw new Error(`expected {"port": number} from the program, got ${JSON.stringify(message)}`);
  }
  return port;
}
