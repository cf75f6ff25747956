/** What JavaScript needs to make a Uint8Array in the module's memory. */
export const UINT8ARRAY_ID = idof<Uint8Array>();

export * from "./config";
export * from "./text";
export * from "./webdis";
