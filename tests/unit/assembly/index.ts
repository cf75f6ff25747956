/** What JavaScript needs to make a Uint8Array in the module's memory. */
export const UINT8ARRAY_ID = idof<Uint8Array>();

export * from "./bytes";
export * from "./cache-entry";
export * from "./cache-messages";
export * from "./cache-policy";
export * from "./cache-selection";
export * from "./cache-store";
export * from "./config";
export * from "./lookup";
export * from "./route";
export * from "./store";
export * from "./text";
export * from "./text-fields";
export * from "./webdis";
export * from "./write-queue";
