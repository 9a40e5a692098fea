import { join } from "node:path";

/** The folder of this checkout, wherever the command was started. */
export const checkout = join(import.meta.dirname, "..");
