export * from "./slice";
export * from "./buffer";
