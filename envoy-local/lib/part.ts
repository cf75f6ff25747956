import { LogFile } from "./log-file.ts";
import { freePort } from "./ports.ts";
import { Program, type ProgramSpec } from "./process.ts";
import { until, whileRunning } from "./readiness.ts";

/** How often a first start is tried on another port before it counts as failed. */
const PORT_ATTEMPTS = 3;

/** How many lines of its log a failed start shows. */
const SHOWN_LINES = 30;

/** How one part of the harness is run. */
export interface PartDefinition {
  readonly name: string;
  /** Where its log and its files are. */
  readonly directory: string;
  /** Whether the program can listen on port 0 and tell which one it got; else it is given a free one. */
  readonly findsPort: boolean;
  readonly program: (port: number) => Omit<ProgramSpec, "name" | "directory" | "logFile">;
  /** Settles with the port it serves on as soon as it serves. */
  readonly ready: (start: PartStart) => Promise<number>;
}

/** What a part's readiness is read from. */
export interface PartStart {
  readonly program: Program;
  readonly log: LogFile;
  /** The port it was given; 0 when it finds its own. */
  readonly port: number;
  readonly signal: AbortSignal;
}

/** A program of the harness that can be stopped, crashed, frozen and started again on the port it had. */
export class Part {
  readonly log: LogFile;
  readonly #definition: PartDefinition;
  #program: Program | null = null;
  #port = 0;
  #stopping = false;

  constructor(definition: PartDefinition) {
    this.#definition = definition;
    this.log = new LogFile(`${definition.directory}/${definition.name}.log`);
  }

  get name(): string {
    return this.#definition.name;
  }

  get running(): boolean {
    return this.#program?.running ?? false;
  }

  /** The process' id; throws when it is not running. */
  get pid(): number {
    return this.#started().pid;
  }

  /** The port it serves on, the same over all its starts; throws before the first. */
  get port(): number {
    if (this.#port === 0) {
      throw new Error(`${this.name} was never started`);
    }
    return this.#port;
  }

  /** Starts it and waits until it serves; an error that shows the end of its log when it does not. */
  async start(): Promise<void> {
    if (this.running) {
      return;
    }
    this.#stopping = false;
    const { findsPort } = this.#definition;
    const attempts = this.#port !== 0 || findsPort ? 1 : PORT_ATTEMPTS;
    for (let attempt = 1; ; attempt++) {
      const port = this.#port !== 0 || findsPort ? this.#port : await freePort();
      try {
        this.#port = await this.#startOn(port);
        return;
      } catch (error) {
        if (attempt === attempts || this.#isStopping()) {
          const reason = error instanceof Error ? error.message : String(error);
          throw new Error(`${reason}; the end of ${this.log.path}:\n${this.log.tail(SHOWN_LINES)}`, { cause: error });
        }
      }
    }
  }

  /** Ends it with SIGTERM and waits for that. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#program?.stop();
  }

  /** Ends it with SIGKILL, as a crash would, and waits for that. */
  async kill(): Promise<void> {
    this.#stopping = true;
    await this.#program?.kill();
  }

  /** Freezes it: connections are accepted, and nothing is ever answered. */
  pause(): void {
    this.#started().pause();
  }

  resume(): void {
    this.#started().resume();
  }

  /** Waits until it has written `text` since its last start; fails when it ends first. */
  async logged(text: string): Promise<void> {
    await whileRunning(this.#started(), `logged "${text}"`, (signal) =>
      until(signal, () => Promise.resolve(this.log.sinceStart().includes(text) || undefined)),
    );
  }

  async #startOn(port: number): Promise<number> {
    const { name, directory, ready } = this.#definition;
    this.log.mark();
    const program = new Program({
      name,
      directory,
      logFile: this.log.path,
      ...this.#definition.program(port),
    });
    this.#program = program;
    try {
      return await whileRunning(program, "served", (signal) => ready({ program, log: this.log, port, signal }));
    } catch (error) {
      await program.stop();
      throw error;
    }
  }

  /** Whether it was told to stop while it was starting: a method, as this changes during an `await`. */
  #isStopping(): boolean {
    return this.#stopping;
  }

  #started(): Program {
    if (this.#program?.running !== true) {
      throw new Error(`${this.name} is not running`);
    }
    return this.#program;
  }
}
