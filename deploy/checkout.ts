import { fileURLToPath } from "node:url";

/** The root of the checkout that deploys. */
export const CHECKOUT = fileURLToPath(new URL("..", import.meta.url));
