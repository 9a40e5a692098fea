import { execa, execaSync } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureRegistryImage } from "../../artifacts/build-registry-image.ts";
import { registryImage } from "../../artifacts/registry-image.ts";

const { failed: missing, stdout: driver } = execaSync("docker", ["info", "--format", "{{json .DriverStatus}}"], {
  reject: false,
});
const suite = missing ? "the registry image (skipped: no Docker daemon answers; start one)" : "the registry image";

/** Docker's newer image store gives images other ids than the nodes' Docker. */
const otherIds = !missing && driver.includes("io.containerd.snapshotter");

describe.skipIf(missing)(suite, () => {
  const { reference } = registryImage;
  let wasThere: boolean;

  // The first time, this builds the registry: some minutes.
  beforeAll(async () => {
    wasThere = !(await execa("docker", ["image", "inspect", reference], { reject: false })).failed;
    await execa("docker", ["load", "--input", await ensureRegistryImage()]);
  }, 1_200_000);

  afterAll(async () => {
    if (!wasThere) await execa("docker", ["image", "rm", reference]);
  });

  it.skipIf(otherIds)(
    otherIds
      ? "has the locked id (skipped: this Docker uses the containerd image store, which has other ids)"
      : "has the locked id once it is loaded",
    async () => {
      const { stdout } = await execa("docker", ["image", "inspect", "--format", "{{.Id}}", reference]);
      expect(stdout).toBe(registryImage.imageId);
    },
  );

  it("runs the locked version, as a user without rights and on a read-only file system", async () => {
    const restrictions = ["--rm", "--read-only", "--network", "none", "--cap-drop", "ALL"];
    const { stdout } = await execa("docker", ["run", ...restrictions, reference, "--version"]);
    expect(stdout).toBe(`/registry github.com/distribution/distribution/v3 ${registryImage.version}`);
  });

  it("says whose program it holds, and under which licence", async () => {
    const format = "{{json .Config}}";
    const { stdout } = await execa("docker", ["image", "inspect", "--format", format, reference]);
    expect(JSON.parse(stdout)).toMatchObject({
      User: "65532:65532",
      Entrypoint: ["/registry"],
      Labels: {
        "org.opencontainers.image.version": registryImage.version,
        "org.opencontainers.image.source": "https://github.com/distribution/distribution",
        "org.opencontainers.image.licenses": "Apache-2.0",
      },
    });
  });
});
