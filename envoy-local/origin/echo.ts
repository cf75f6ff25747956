/**
 * An upstream that answers with what it saw, as JSON: who it is, method, path and headers (a list of values each).
 *
 * Environment: NAME, HOST, PORT (default 8081).
 */
import { serve } from "../lib/http-server.ts";

const name = process.env["NAME"] ?? "origin";

serve(name, 8081, (request, response) => {
  const seen = { name, method: request.method, path: request.url, headers: request.headersDistinct };
  request.resume(); // a body nobody reads would hold the connection
  response.writeHead(200, { "content-type": "application/json", "x-served-by": name });
  response.end(JSON.stringify(seen));
});
