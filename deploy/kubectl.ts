import { type Completed, runProgram } from "./command.ts";
import { Failure, unusable } from "./failure.ts";

/** Which cluster kubectl talks to; what is not given is kubectl's own default. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Who owns the fields that are applied, in the server's record. */
export const FIELD_MANAGER = "signpost-deploy";

/** kubectl, for one cluster. */
export class Kubectl {
  readonly #options: readonly string[];

  constructor({ kubeconfig, context }: ClusterOptions) {
    this.#options = [
      ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
      ...(context === undefined ? [] : ["--context", context]),
    ];
  }

  /** Runs it, whatever comes of it. @throws Failure when there is no kubectl */
  async try(args: readonly string[], input?: string): Promise<Completed> {
    try {
      return await runProgram("kubectl", [...this.#options, ...args], input === undefined ? {} : { input });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      throw unusable("there is no kubectl in PATH: install it (https://kubernetes.io/docs/tasks/tools/)");
    }
  }

  /** Runs it and gives what it printed. @throws Failure with its words when it fails */
  async run(args: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.try(args, input);
    if (code !== 0) throw new Failure(`kubectl ${args.slice(0, 2).join(" ")}: ${stderr.trim() || `exit code ${code}`}`);
    return stdout;
  }

  /** What it prints as JSON; undefined where it prints nothing. */
  async json(args: readonly string[], input?: string): Promise<unknown> {
    const text = await this.run([...args, "-o", "json"], input);
    return text.trim() === "" ? undefined : JSON.parse(text);
  }
}
