import { spawn } from "node:child_process";
import { chmodSync, closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import { PROJECT_ROOT, requireEnvoy } from "../../../envoy-local/lib/project.ts";
import { until } from "../../../envoy-local/lib/readiness.ts";
import { type CodeBlock, codeBlocks } from "../../fixtures/code-blocks.ts";

/** The blocks of a page of docs, with other ports than the page has. */
export function blocksOf(page: string, ports: ReadonlyMap<string, number>): CodeBlock[] {
  const markdown = readFileSync(join(PROJECT_ROOT, "docs", page), "utf8");
  return codeBlocks(markdown).map((block) => ({ ...block, text: withPorts(block.text, ports) }));
}

function withPorts(text: string, ports: ReadonlyMap<string, number>): string {
  return text.replaceAll(/\b\d{4,5}\b/g, (port) => String(ports.get(port) ?? port));
}

/** Runs a page's commands in a directory, with the project's own programs under the names that the page has. */
export class Shell {
  readonly #pids: number[] = [];

  constructor(
    private readonly bin: string,
    readonly directory: string,
  ) {
    const programs = { signpost: `${process.execPath} ${PROJECT_ROOT}cli/dist/signpost.js`, envoy: requireEnvoy() };
    for (const [name, program] of Object.entries(programs)) {
      writeFileSync(join(bin, name), `#!/bin/sh\nexec ${program} "$@"\n`);
      chmodSync(join(bin, name), 0o755);
    }
  }

  /** Runs commands as they stand; what they start in the background goes on. @returns the exit code and what was printed */
  async run(commands: string, directory = this.directory): Promise<{ code: number; output: string }> {
    const [outputFile, pidFile] = [join(this.bin, "output"), join(this.bin, "pids")];
    const output = openSync(outputFile, "w");
    const script = `set -e\n${commands}\njobs -p >${pidFile}\n`;
    const child = spawn("bash", ["-c", script], {
      cwd: directory,
      env: { ...process.env, PATH: `${this.bin}:${process.env["PATH"] ?? ""}`, CHECKOUT: PROJECT_ROOT },
      stdio: ["ignore", output, output],
    });
    const code = await new Promise<number>((resolve) => child.once("exit", (exit) => resolve(exit ?? -1)));
    closeSync(output);
    const pids = existsSync(pidFile) ? readFileSync(pidFile, "utf8") : "";
    this.#pids.push(...pids.split("\n").filter(Boolean).map(Number));
    writeFileSync(pidFile, "");
    return { code, output: readFileSync(outputFile, "utf8") };
  }

  /** Ends the program that was started last, and settles when it has gone. */
  async stopLast(): Promise<void> {
    const pid = this.#pids.pop();
    if (pid === undefined || !signal(pid, "SIGTERM")) return;
    await until(AbortSignal.timeout(60_000), () => Promise.resolve(signal(pid, 0) ? undefined : true));
  }

  /** Ends what the commands have started. */
  async stop(): Promise<void> {
    while (this.#pids.length > 0) await this.stopLast();
  }
}

/** Whether there was a process to take the signal. */
function signal(pid: number, what: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, what);
  } catch {
    return false;
  }
}

/** Settles when somebody listens on a port. */
export async function listens(port: number): Promise<void> {
  await until(AbortSignal.timeout(60_000), async () => {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, LOOPBACK, () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
    return isThere || undefined;
  });
}
