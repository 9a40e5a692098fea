import { once } from "node:events";
import { createServer } from "node:net";
import { OperatorError } from "../common/errors.ts";

/** @throws OperatorError for the first of these options whose port on 127.0.0.1 is in use. */
export async function ensurePortsAreFree(portOf: Readonly<Record<string, number>>): Promise<void> {
  for (const [option, port] of Object.entries(portOf)) {
    if (!(await isFree(port))) {
      throw new OperatorError(`port ${port} on 127.0.0.1 is in use`, { fix: `choose another one: ${option} PORT` });
    }
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
