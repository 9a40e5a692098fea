import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { ensurePortsAreFree } from "../../../lab/free-ports.ts";

it("names the port that is in use, and the option that chooses another one", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await expect(ensurePortsAreFree({ "--https-port": port })).rejects.toMatchObject({
    message: `port ${port} on 127.0.0.1 is in use`,
    details: { fix: "choose another one: --https-port PORT" },
  });
});

it("takes ports that nobody uses", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  await expect(ensurePortsAreFree({ "--https-port": port })).resolves.toBeUndefined();
});
