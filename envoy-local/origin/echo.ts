/**
 * An upstream that answers with what it saw, as JSON: who it is, method, path, headers (a list of values each) and body.
 *
 * A request with the header x-echo-pause gets the head and the first half of its answer, and the rest so many
 * milliseconds later. With the query parameter `max-age` it says that the answer may be stored for so many seconds.
 *
 * Environment: NAME, HOST, PORT (default 8081).
 */
import type { ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { serve } from "../lib/http-server.ts";

const name = process.env["NAME"] ?? "origin";

function sendInHalves(response: ServerResponse, answer: string, pause: number): void {
  const middle = Math.floor(answer.length / 2);
  response.write(answer.slice(0, middle));
  const timer = setTimeout(() => response.end(answer.slice(middle)), pause);
  response.once("close", () => clearTimeout(timer));
}

serve(name, 8081, (request, response) => {
  void text(request).then((body) => {
    const seen = { name, method: request.method, path: request.url, headers: request.headersDistinct, body };
    const answer = JSON.stringify(seen);
    const pause = Number(request.headers["x-echo-pause"] ?? 0);
    const maxAge = new URL(request.url ?? "/", "http://origin").searchParams.get("max-age");
    response.writeHead(200, {
      "content-type": "application/json",
      "x-served-by": name,
      ...(maxAge === null ? {} : { "cache-control": `public, max-age=${maxAge}` }),
    });
    if (pause > 0) sendInHalves(response, answer, pause);
    else response.end(answer);
  }, response.destroy.bind(response));
});
