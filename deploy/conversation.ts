import { createInterface } from "node:readline/promises";
import { Failure, unusable } from "./failure.ts";

/** What is said to, and asked of, whoever runs the command. */
export interface Conversation {
  readonly say: (line: string) => void;
  /** Goes on where the answer is yes. @throws Failure where it is no, or nobody can be asked */
  readonly confirm: (question: string) => Promise<void>;
}

/** On standard output and, where there is one, the terminal. @param isYes `--yes`: every answer */
export function conversation(isYes: boolean): Conversation {
  return {
    say: (line) => process.stdout.write(`${line}\n`),
    confirm: async (question) => {
      if (isYes) return;
      if (!process.stdin.isTTY)
        throw unusable(`${question} There is no terminal to ask on: give --yes, or --dry-run to look only.`);
      const terminal = createInterface({ input: process.stdin, output: process.stdout });
      const answer = await terminal.question(`${question} [y/N] `);
      terminal.close();
      if (!/^y(es)?$/i.test(answer.trim())) throw new Failure("nothing was changed");
    },
  };
}
