import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The tool that reads and writes image layouts and registries. */
const ORAS = fileURLToPath(new URL("../.cache/oras/bin/oras", import.meta.url));

/** What oras refused, in its words. */
export class OrasError extends Error {}

/**
 * Runs `oras` with these arguments and gives what it printed.
 *
 * @param input for its standard input
 * @throws OrasError when it fails, or is not installed
 * @see https://oras.land/docs/
 */
export async function oras(args: readonly string[], input?: Uint8Array): Promise<string> {
  if (!existsSync(ORAS)) {
    throw new OrasError(`no oras at ${ORAS}: install it with ./envoy-local/install.sh oras`);
  }
  return new Promise((resolve, reject) => {
    const child = execFile(ORAS, args, { maxBuffer: Infinity }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new OrasError(`oras ${args[0] ?? ""}: ${stderr.trim() || error.message}`));
    });
    // A program that ends early closes its end; what it then says is the error.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}
