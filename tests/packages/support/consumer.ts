import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codeBlocks } from "../../fixtures/code-blocks.ts";
import { run } from "./command.ts";
import { type NodeMajor, PNPM, nodeFolder } from "./parts.ts";

export type PackageManager = "npm" | "pnpm";

export interface ConsumerOptions {
  readonly scratch: string;
  readonly manager: PackageManager;
  readonly node: NodeMajor;
  readonly registry: string;
}

/** Somebody who uses the packages, with nothing but their READMEs and a registry: a folder for each README. */
export class Consumer {
  readonly #options: ConsumerOptions;
  readonly #followed = new Map<string, Promise<void>>();

  constructor(options: ConsumerOptions) {
    this.#options = options;
    mkdirSync(this.#home, { recursive: true });
  }

  /**
   * Writes the files that a package's README shows and runs its commands, in order and as they stand, in an empty folder. Whoever
   * asks again gets what came of it.
   */
  async follow(name: string): Promise<void> {
    const followed = this.#followed.get(name) ?? this.#follow(name);
    this.#followed.set(name, followed);
    return followed;
  }

  async #follow(name: string): Promise<void> {
    const directory = this.folder(name);
    mkdirSync(directory);
    let printed = "";
    for (const { language, before, text } of codeBlocks(this.#readme(name))) {
      const file = /\*\*([\w-]+(?:\.\w+)+)\*\*/.exec(before)?.[1];
      if (language === "sh") {
        printed = await this.run(name, this.#asManagerSays(text));
      } else if (language === "text") {
        if (!printed.includes(text)) throw new Error(`the README says that it prints\n${text}but that is\n${printed}`);
      } else if (file !== undefined) {
        writeFileSync(join(directory, file), text);
      } else {
        throw new Error(`a block of the README of ${name} is neither a file nor commands:\n${text}`);
      }
    }
  }

  /** Runs commands in the folder where a package's README was followed, or is. */
  async run(name: string, commands: string, node = this.#options.node): Promise<string> {
    const { registry } = this.#options;
    return run(commands, {
      directory: this.folder(name),
      path: [nodeFolder(node), PNPM],
      environment: {
        HOME: this.#home,
        npm_config_registry: registry,
        npm_config_audit: "false",
        npm_config_fund: "false",
        npm_config_update_notifier: "false",
      },
    });
  }

  folder(name: string): string {
    return join(this.#options.scratch, this.#id, name);
  }

  get #id(): string {
    return `${this.#options.manager}-${this.#options.node}`;
  }

  get #home(): string {
    return join(this.#options.scratch, this.#id, "home");
  }

  /** Read before anything is installed: a README is also on the page of its package. */
  #readme(name: string): string {
    return readFileSync(join(import.meta.dirname, "../../../packages", name, "README.md"), "utf8");
  }

  /** The READMEs say it for npm, and what stands for it in pnpm. */
  #asManagerSays(commands: string): string {
    if (this.#options.manager === "npm") return commands;
    return commands.replaceAll(/^npm install/gm, "pnpm add").replaceAll(/^npx/gm, "pnpm exec");
  }
}
