import { describe, expect, it } from "vitest";
import { HOST, routeConfig } from "../fixtures/route/fixture.ts";
import { filterWith } from "./support/filter.ts";
import { webdisSays } from "./support/tiers.ts";

/** As some bots send it: ISO 8859-1, and what no encoding has. */
const AGENT = Uint8Array.of(0x62, 0x6f, 0x74, 0xe9, 0xff, 0x2f, 0x31);

describe("a header that is no UTF-8", () => {
  it("passes to the upstream and to the service, byte for byte, and the lookup holds", async () => {
    const { proxy, plugin } = await filterWith(
      routeConfig({
        service: { cluster: "routing-service", path: "/r", headers: { "x-agent": "{header[user-agent]}" } },
        apply: {
          path: "/{record:/cell}/{rest}",
          headers: [
            { name: "x-agent", value: "{header[user-agent]}" },
            { name: "x-cell", value: "{record:/cell}" },
          ],
        },
      }),
    );
    const stream = plugin.openStream({ worker: 0 }).sendRequestHeaders(
      [
        [":method", "GET"],
        [":scheme", "http"],
        [":authority", HOST],
        [":path", "/api/acme/x"],
        ["user-agent", AGENT],
      ],
      { endOfStream: true },
    );
    webdisSays(proxy.calls[0], null);
    const [call] = proxy.calls;
    expect([...(call?.headers.getBytes("x-agent") ?? [])]).toEqual([...AGENT]);
    call?.reply({ body: '{"cell": "c7"}' });
    expect(stream.request.headers.get(":path")).toBe("/c7/acme/x");
    expect(stream.request.headers.get("x-cell")).toBe("c7");
    expect([...(stream.request.headers.getBytes("x-agent") ?? [])]).toEqual([...AGENT]);
  });
});
