import type { LabNode, LabState } from "../../../lab/state.ts";
import { dockerExec } from "../../../machines/docker/docker.ts";
import { proxiesOf, untilWhole } from "./cluster.ts";

/** Settings of VRRP to try. */
export interface Variant {
  readonly advertIntervalMs: number;
  readonly downAfterAdverts: number;
}

/** A keepalived.conf with other settings. */
export function withVariant(keepalivedConf: string, { advertIntervalMs, downAfterAdverts }: Variant): string {
  return keepalivedConf
    .replace(/^(\s*advert_int) .*$/m, `$1 ${advertIntervalMs / 1000}`)
    .replace(/^(\s*down_timer_adverts) .*$/m, `$1 ${downAfterAdverts}`);
}

const path = "/etc/keepalived/keepalived.conf";

/** The file that a node puts in place when it converges. */
const renderedPath = (node: string) => `/var/lib/registry-cluster/current/rendered/${node}${path}`;

/** The proxies' own keepalived.conf, and how to change it for a while. */
export class KeepalivedConfigs {
  private constructor(
    private readonly lab: LabState,
    private readonly originals: ReadonlyMap<string, string>,
  ) {}

  static async read(lab: LabState): Promise<KeepalivedConfigs> {
    const texts = proxiesOf(lab).map(
      async (proxy) => [proxy.name, await read(proxy, renderedPath(proxy.name))] as const,
    );
    return new KeepalivedConfigs(lab, new Map(await Promise.all(texts)));
  }

  /** Does nothing if it is already in effect: a node keeps it over a reboot, and loses it when it converges. */
  apply(variant: Variant): Promise<void> {
    return this.write((original) => withVariant(original, variant));
  }

  restore(): Promise<void> {
    return this.write((original) => original);
  }

  private async write(wanted: (original: string) => string): Promise<void> {
    const proxies = proxiesOf(this.lab);
    const texts = await Promise.all(proxies.map((proxy) => read(proxy, path)));
    const isInForce = proxies.every(({ name }, index) => texts[index] === wanted(this.originals.get(name) as string));
    if (isInForce) return;
    // Stops all before starting any: proxies with different intervals ignore each other's adverts.
    await Promise.all(proxies.map(({ container }) => dockerExec(container, ["systemctl", "stop", "keepalived"])));
    for (const { name, container } of proxies) {
      const input = wanted(this.originals.get(name) as string);
      await dockerExec(container, ["sh", "-c", `cat > ${path}`], { input });
    }
    await Promise.all(proxies.map(({ container }) => dockerExec(container, ["systemctl", "start", "keepalived"])));
    await untilWhole(this.lab);
  }
}

/** Keeps the line break at the end, so that converging finds no change. */
function read({ container }: LabNode, file: string): Promise<string> {
  return dockerExec(container, ["cat", file], { stripFinalNewline: false });
}
