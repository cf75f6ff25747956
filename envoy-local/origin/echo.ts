/**
 * An upstream that answers with what it saw, as JSON: who it is, method, path, headers (a list of values each) and body.
 *
 * Environment: NAME, HOST, PORT (default 8081).
 */
import { text } from "node:stream/consumers";
import { serve } from "../lib/http-server.ts";

const name = process.env["NAME"] ?? "origin";

serve(name, 8081, (request, response) => {
  void text(request).then((body) => {
    const seen = { name, method: request.method, path: request.url, headers: request.headersDistinct, body };
    response.writeHead(200, { "content-type": "application/json", "x-served-by": name });
    response.end(JSON.stringify(seen));
  }, response.destroy.bind(response));
});
