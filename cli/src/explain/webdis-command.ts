/** The commands that the filter sends, and whether they change what Redis holds. */
const COMMANDS: ReadonlyMap<string, "read" | "write"> = new Map([
  ["GET", "read"],
  ["MGET", "read"],
  ["ZRANGEBYSCORE", "read"],
  ["PSETEX", "write"],
  ["DEL", "write"],
]);

/**
 * The Redis command in the path of a call to Webdis, its arguments decoded; undefined when it is none, because a service
 * may be reached by the same cluster.
 */
export function redisCommand(path: string): string[] | undefined {
  const words = path
    .replace(/^\//, "")
    .replace(/\.(raw|json\?jsonp=\w+)$/, "")
    .split("/");
  // A number before the command selects a database.
  const command = /^\d+$/.test(words[0] ?? "") ? words.slice(1) : words;
  return COMMANDS.has(command[0] ?? "") ? command.map(decoded) : undefined;
}

/** Whether a call to Webdis changes what Redis holds. */
export function isWrite(path: string): boolean {
  return COMMANDS.get(redisCommand(path)?.[0] ?? "") === "write";
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}
