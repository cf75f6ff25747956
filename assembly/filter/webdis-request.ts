import { Slice, isPresent, persist } from "as-bytes/assembly";
import { PairsBuilder } from "as-proxy-wasm-sdk/assembly";
import { WebdisConfig } from "../config/webdis-config";

export const METHOD = persist(":method");
export const PATH = persist(":path");
export const AUTHORITY = persist(":authority");
export const GET = persist("GET");
const AUTHORIZATION = persist("authorization");

/** The headers of a request to Webdis: `method` is `GET` for a read and `PUT` for a write, `path` the command. */
export function writeWebdisHeaders(into: PairsBuilder, webdis: WebdisConfig, method: Slice, path: Slice): void {
  into.clear().add(METHOD, method).add(PATH, path).add(AUTHORITY, webdis.authority);
  if (isPresent(webdis.authorization)) into.add(AUTHORIZATION, webdis.authorization);
}
