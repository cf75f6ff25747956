import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";

/** How long a program may take to end after SIGTERM before it is killed, in milliseconds. */
const STOP_GRACE = 5_000;

/** Linux' `setpriv` has a child ended by the kernel when its parent dies, however that died. Part of util-linux. */
const SETPRIV = ["/usr/bin/setpriv", "/bin/setpriv"].find((path) => existsSync(path));

/** What to run. */
export interface ProgramSpec {
  /** Shown in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Environment variables beside this process' own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Gets standard output and standard error, appended. */
  readonly logFile: string;
  /** Whether it is a Node program that tells us things with `process.send`. */
  readonly messages?: boolean;
}

/** A program that runs as a child process and ends with its parent at the latest. */
export class Program {
  /** Settles with a sentence about how the program ended. */
  readonly ended: Promise<string>;
  readonly name: string;
  readonly #child: ChildProcess;
  #end: string | null = null;

  constructor(spec: ProgramSpec) {
    this.name = spec.name;
    // A file, not a pipe: a pipe nobody reads fills and would stop the program.
    const log = openSync(spec.logFile, "a");
    const [command, args] =
      SETPRIV === undefined
        ? [spec.command, spec.args]
        : [SETPRIV, ["--pdeathsig", "KILL", "--", spec.command, ...spec.args]];
    this.#child = spawn(command, args, {
      cwd: spec.directory,
      env: { ...process.env, ...spec.env },
      // A process group of its own: Ctrl-C reaches only us, and we stop the parts in order.
      detached: true,
      stdio: spec.messages === true ? ["ignore", log, log, "ipc"] : ["ignore", log, log],
    });
    closeSync(log);
    this.ended = new Promise((resolve) => {
      const end = (sentence: string): void => {
        this.#end ??= sentence;
        resolve(this.#end);
      };
      this.#child.once("error", (error) => {
        end(`${this.name} cannot be started: ${error.message}`);
      });
      this.#child.once("exit", (code, signal) => {
        end(`${this.name} ended with ${signal ?? `exit code ${code ?? "unknown"}`}`);
      });
    });
  }

  get running(): boolean {
    return this.#end === null;
  }

  /** The process' id; throws when the program could not be started. */
  get pid(): number {
    if (this.#child.pid === undefined) {
      throw new Error(this.#end ?? `${this.name} is not started`);
    }
    return this.#child.pid;
  }

  /** The first message a Node program sends its parent with `process.send`. */
  async message(): Promise<unknown> {
    const [message] = (await once(this.#child, "message")) as [unknown];
    return message;
  }

  /** Sends SIGTERM, SIGKILL when that is not followed in time, and waits for the end. */
  async stop(): Promise<void> {
    if (this.running) {
      this.#child.kill("SIGTERM");
      this.#child.kill("SIGCONT"); // a stopped process sees SIGTERM only when it goes on
      const impatience = setTimeout(() => this.#child.kill("SIGKILL"), STOP_GRACE);
      await this.ended;
      clearTimeout(impatience);
    }
  }

  /** Ends the program at once, as a crash would, and waits for the end. */
  async kill(): Promise<void> {
    if (this.running) {
      this.#child.kill("SIGKILL");
      await this.ended;
    }
  }

  /** Freezes the program: the kernel still accepts connections for it, and nothing is ever answered. */
  pause(): void {
    this.#child.kill("SIGSTOP");
  }

  resume(): void {
    this.#child.kill("SIGCONT");
  }
}
