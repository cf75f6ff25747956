import { Slice, isPresent, persist } from "as-bytes/assembly";
import { PairsBuilder } from "as-proxy-wasm-sdk/assembly";
import { WebdisConfig } from "../config/webdis-config";

export const METHOD = persist(":method");
export const PATH = persist(":path");
export const AUTHORITY = persist(":authority");
export const GET = persist("GET");
const AUTHORIZATION = persist("authorization");

/** What a stored response has beside its body, and RESP around it. */
const BESIDE_BODY: i64 = 2 * 1024 * 1024;

/** The headers of a request to Webdis: `method` is `GET` for a read and `PUT` for a write, `path` the command. */
export function writeWebdisHeaders(into: PairsBuilder, webdis: WebdisConfig, method: Slice, path: Slice): void {
  into.clear().add(METHOD, method).add(PATH, path).add(AUTHORITY, webdis.authority);
  if (isPresent(webdis.authorization)) into.add(AUTHORIZATION, webdis.authorization);
}

/** More than this is no reply with a stored response whose body has so many bytes at most. */
export function mostOfResponse(maxBodyBytes: i64): i32 {
  return <i32>min<i64>(maxBodyBytes + BESIDE_BODY, (<i64>i32.MAX_VALUE) >> 2);
}
