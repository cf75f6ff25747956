export * from "./slice";
export * from "./buffer";
export * from "./owned";
export * from "./memory";
