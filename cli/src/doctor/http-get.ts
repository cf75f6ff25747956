import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

export interface GetReply {
  readonly status: number;
  readonly body: string;
}

/** How long a reply may take, in milliseconds: a large gateway's config_dump has tens of megabytes. */
const LIMIT = 30_000;

/**
 * Asks with GET. The path goes over the wire as it is given: `fetch` would normalise it, and refuses some ports.
 *
 * @param base an http or https address; its path stands before `path`
 * @param limit how long the reply may take, in milliseconds
 * @throws where there is no whole reply
 */
export async function get(
  base: URL,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  limit = LIMIT,
): Promise<GetReply> {
  const request = base.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = request({
      // An IPv6 address comes in brackets.
      host: base.hostname.replace(/^\[|\]$/g, ""),
      port: base.port,
      path: base.pathname.replace(/\/$/, "") + path,
      headers,
      agent: false,
      signal: AbortSignal.timeout(limit),
    });
    outgoing.once("error", reject);
    outgoing.once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
      });
    });
    outgoing.end();
  });
}

/** Whether there was no reply because it took too long. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError");
}

/** Why there was no reply. */
export function whyNot(error: unknown, limit = LIMIT): string {
  if (!(error instanceof Error)) return String(error);
  if (isTimeout(error)) return `no reply within ${limit / 1000} s`;
  // Several addresses were tried, and the error about them has no text.
  if (error.message === "" && "code" in error) return String(error.code);
  return error.message;
}
