import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { buildImage } from "../../../images/build-image.ts";
import type { BuildSecret } from "../../../images/build-secrets.ts";
import { buildPrograms } from "../chain/programs.ts";
import { lastingFolder, write } from "../files.ts";
import { suiteWith } from "../program.ts";
import { failureOf } from "./failure.ts";
import { TestRepository } from "./git-server.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";
import { startBuildkit, type TestBuildkit } from "./supply-programs.ts";

const { title, skip } = suiteWith("the secret of a build", {
  git: "git",
  buildah: "buildah",
  busybox: "busybox-static",
  docker: "docker.io",
  runc: "runc",
});

const value = "a-secret-of-the-build";
/** The build writes the secret backwards into a file, so that a test can tell that it had it. */
const reads = 'RUN --mount=type=secret,id=npm ["/busybox", "sh", "-c", "/busybox rev /run/secrets/npm > /seen"]\n';
const backwards = [...value].reverse().join("");

describe.skipIf(skip)(title, () => {
  let registry: TestRegistry;
  let buildkit: TestBuildkit;
  let repository: TestRepository;
  let folder: string;

  beforeAll(buildPrograms, 900_000);
  beforeAll(async () => {
    folder = lastingFolder();
    registry = await startRegistry(folder);
    buildkit = await startBuildkit(folder, registry.logins);
    for (const [name, text] of Object.entries(buildkit.env)) vi.stubEnv(name, text);
    vi.stubEnv("BUILDAH_ISOLATION", "chroot");
    repository = new TestRepository(folder, "app");
    repository.addProgram("busybox", "/bin/busybox");
    repository.commit({ Dockerfile: `FROM scratch\nCOPY busybox /busybox\n${reads}` });
    repository.tag("v1");
    repository.commit({
      Dockerfile: `FROM scratch\nCOPY busybox /busybox\n${reads.replace("/busybox rev /run/secrets/npm > /seen", "/busybox cat /run/secrets/npm; exit 1")}`,
    });
    repository.tag("talks");
  }, 900_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await Promise.all([buildkit?.stop(), registry?.stop()]);
  });

  const run = async (
    builder: string,
    ref: string,
    push: string,
    secrets: readonly BuildSecret[],
    provenance = false,
  ) => {
    const lines: string[] = [];
    const built = await buildImage(
      { repository: repository.bare, ref, push: `${registry.host}/${push}`, builder, secrets, provenance },
      (_title, step) => step((line) => lines.push(line)),
    ).catch((error: unknown) => error);
    return { built, lines };
  };

  /** Everything that the registry has of an image, unpacked. */
  async function allOf(name: string, reference: string): Promise<string> {
    const types = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json";
    const text = await (await registry.ask(`${name}/manifests/${reference}`, types)).text();
    const {
      manifests = [],
      layers = [],
      config,
    } = JSON.parse(text) as {
      manifests?: { digest: string }[];
      layers?: { digest: string }[];
      config?: { digest: string };
    };
    const blobs = [...layers, ...(config ? [config] : [])].map(async ({ digest }) => {
      const bytes = Buffer.from(await (await registry.ask(`${name}/blobs/${digest}`)).arrayBuffer());
      return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString("latin1");
    });
    const inner = manifests.map(({ digest }) => allOf(name, digest));
    return [text, ...(await Promise.all([...blobs, ...inner]))].join("\n");
  }

  const fromFile = (): BuildSecret => ({ id: "npm", from: { file: write(join(folder, "npm-secret"), value, 0o600) } });

  it.each([
    ["buildah", "a file"],
    ["buildkit", "a file"],
    ["buildkit", "the environment"],
  ])(
    "is read by a RUN, and is nowhere in the image: %s, from %s",
    async (builder, from) => {
      vi.stubEnv("NPM_SECRET", value);
      const secret = from === "a file" ? fromFile() : ({ id: "npm", from: { variable: "NPM_SECRET" } } as const);
      const name = `${builder}-${from.split(" ")[1]}`;
      const { built, lines } = await run(builder, "v1", name, [secret], builder === "buildkit");
      expect(built).toMatchObject({ published: { by: "built" } });
      const all = await allOf(name, "v1");
      expect(all).toContain(backwards);
      expect(all + lines.join("\n") + JSON.stringify(built)).not.toContain(value);
    },
    120_000,
  );

  it.each(["buildah", "buildkit"])(
    "is hidden where a RUN prints it: %s",
    async (builder) => {
      const { built, lines } = await run(builder, "talks", `${builder}-talks`, [fromFile()]);
      expect(built).toMatchObject({ message: "the build failed" });
      expect(lines.join("\n")).toContain("[redacted]");
      expect(lines.join("\n") + JSON.stringify(built)).not.toContain(value);
    },
    120_000,
  );

  it("that is not there fails the build before it begins", async () => {
    const missing = { id: "npm", from: { file: join(folder, "nowhere") } };
    const failure = await failureOf(
      buildImage({ repository: repository.bare, ref: "v1", builder: "buildah", secrets: [missing] }, (_t, step) =>
        step(() => {}),
      ),
    );
    expect(failure.message).toBe("cannot read the build secret npm");
  });
});
