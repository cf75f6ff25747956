import { connectAsAdmin, type RedisAdmin } from "../../../envoy-local/lib/redis.ts";

/** A command that Redis ran, each word bytes as Latin-1. */
export interface RedisCommand {
  readonly database: number;
  readonly words: readonly string[];
}

/** Watches everything that Redis is asked, by whomever, but for the commands of its own. */
export class RedisMonitor {
  readonly #watching: RedisAdmin;
  readonly #asking: RedisAdmin;
  #commands: RedisCommand[] = [];
  #marked: () => void = () => undefined;

  private constructor(watching: RedisAdmin, asking: RedisAdmin) {
    this.#watching = watching;
    this.#asking = asking;
  }

  /** Watches the Redis on `port` from now on; `stop` ends it. */
  static async start(port: number): Promise<RedisMonitor> {
    const monitor = new RedisMonitor(await connectAsAdmin(port), await connectAsAdmin(port));
    await monitor.#watching.monitor((line) => {
      monitor.#hear(line);
    });
    return monitor;
  }

  stop(): void {
    this.#watching.destroy();
    this.#asking.destroy();
  }

  /** The commands since the last time, in the order in which Redis ran them. */
  async take(): Promise<RedisCommand[]> {
    const marked = new Promise<void>((resolve) => {
      this.#marked = resolve;
    });
    await this.#asking.echo(MARK);
    await marked;
    const commands = this.#commands;
    this.#commands = [];
    return commands;
  }

  #hear(line: string): void {
    const command = commandOf(line);
    if (command.words[1] === MARK) this.#marked();
    else this.#commands.push(command);
  }
}

const MARK = "the monitor has heard everything up to here";

/** `1339518083.107412 [0 127.0.0.1:60866] "GET" "a\x00b"`. */
function commandOf(line: string): RedisCommand {
  const [, database, words] = /^[0-9.]+ \[([0-9]+) [^\]]*\] (.*)$/s.exec(line) ?? [];
  if (database === undefined || words === undefined) throw new Error(`Redis' monitor said ${line}`);
  return {
    database: Number(database),
    words: [...words.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, word = ""]) => unescaped(word)),
  };
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", a: "\x07", b: "\b" };

function unescaped(word: string): string {
  return word.replace(/\\(?:x([0-9a-f]{2})|(.))/gs, (_, hex: string | undefined, character: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
    return ESCAPES[character ?? ""] ?? character ?? "";
  });
}
