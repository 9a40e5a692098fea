import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { request } from "node:https";
import { ports } from "../../topology/ports.ts";
import type { ProxyPair } from "./chain/proxy-pair.ts";

const goodLogin = `Basic ${Buffer.from("ci:good").toString("base64")}`;

/** A transfer to a client. */
export interface Transfer {
  /** Whether it is still under way. */
  isOpen(): boolean;
  /** Sends the rest. @returns everything that the client received */
  end(): Promise<string>;
}

/** A registry that asks for a login, accepts every upload, and sends to readers until it is told to end. */
export class FakeRegistry {
  /** Requests without a valid login. */
  refusals = 0;
  private readonly server: Server;
  private readonly pair: ProxyPair;
  private readonly readers = new Map<string, ServerResponse>();
  private count = 0;

  private constructor(pair: ProxyPair) {
    this.pair = pair;
    this.server = createServer({ maxHeaderSize: 64 * 1024 }, (question, answer) => {
      if (question.headers.authorization !== goodLogin) {
        this.refusals += 1;
        return answer.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
      }
      question.resume();
      if (question.method !== "GET") return question.on("end", () => answer.writeHead(201).end());
      if (question.url === "/v2/") return answer.end();
      this.readers.set(question.url as string, answer);
      return answer.write("begin, ");
    });
  }

  /** Starts it where the pair expects a registry. */
  static async start(pair: ProxyPair): Promise<FakeRegistry> {
    const registry = new FakeRegistry(pair);
    registry.server.listen(ports.registry, pair.registry);
    await once(registry.server, "listening");
    return registry;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Begins to receive something through the proxies. */
  async startTransfer(localAddress?: string): Promise<Transfer> {
    const path = `/v2/app/manifests/${++this.count}`;
    const call = request({ ...this.pair.tls(localAddress), path, agent: false, auth: "ci:good" });
    call.end();
    const [answer] = await once(call, "response");
    let received = "";
    let isOpen = true;
    answer.setEncoding("utf8").on("data", (part: string) => {
      received += part;
    });
    const closed = new Promise<void>((resolve) => {
      answer.on("error", () => undefined).on("close", resolve);
    }).then(() => {
      isOpen = false;
    });
    return {
      isOpen: () => isOpen,
      end: async () => {
        this.readers.get(path)?.end("end");
        await closed;
        return received;
      },
    };
  }
}
