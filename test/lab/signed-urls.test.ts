import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FaultName } from "../../lab/faults/catalogue.ts";
import { heal } from "../../lab/faults/heal.ts";
import { inject } from "../../lab/faults/strike.ts";
import { dockerExec } from "../../machines/docker/docker.ts";
import { call, lab, proxies, pushBlob } from "./support.ts";

const secret = "X-Amz-(Signature|Security-Token|Credential)|authorization: *(basic|bearer)";

describe("signed URLs, and logins, while proxies cannot reach S3", () => {
  beforeAll(async () => {
    const digest = await pushBlob("signed-urls");
    const path = `/v2/signed-urls/blobs/${digest}`;
    for (const fault of ["s3-503", "s3-cut"] satisfies FaultName[]) {
      for (const proxy of proxies) await inject(lab, fault, proxy.name);
      const pulls = Array.from({ length: 4 }, () =>
        call("GET", path).then(
          ({ status }) => status,
          () => 0,
        ),
      );
      expect(await Promise.all(pulls)).not.toContain(200);
      await heal(lab);
    }
    expect(await call("GET", path)).toMatchObject({ status: 200 });
  }, 120_000);
  afterAll(() => heal(lab));

  it.each(lab.nodes.map(({ name, container }) => [name, container]))(
    "are in no log of %s",
    async (_name, container) => {
      const files = `grep -rliE '${secret}' /var/log --exclude-dir=journal || true`;
      expect(await dockerExec(container, ["sh", "-c", files])).toBe("");
      const journal = `journalctl --output cat | grep -ciE '${secret}' || true`;
      expect((await dockerExec(container, ["sh", "-c", journal])).trim()).toBe("0");
    },
  );
});
