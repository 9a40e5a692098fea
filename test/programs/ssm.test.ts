import { DescribeParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ensureSecrets } from "../../access/secrets.ts";
import { SsmSecretStore } from "../../access/ssm-secret-store.ts";
import { configWith } from "../unit/access/support.ts";
import { freePort, type Moto, startMoto } from "./moto.ts";

describe("secrets in SSM", () => {
  let moto: Moto;
  let client: SSMClient;
  let store: SsmSecretStore;

  beforeAll(async () => {
    moto = await startMoto();
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    client = new SSMClient({ endpoint: moto.endpoint, region: "eu-west-1", credentials });
    store = new SsmSecretStore(client);
  }, 600_000);

  beforeEach(() => moto.reset());
  afterAll(() => moto.stop());

  it("come back as they were put", async () => {
    await store.put("/demo/a", "line one\nline two\n");
    expect(await store.get("/demo/a")).toBe("line one\nline two\n");
  });

  it("are undefined where there are none", async () => {
    expect(await store.get("/demo/a")).toBeUndefined();
  });

  it("are encrypted, in the tier that costs nothing", async () => {
    await store.put("/demo/a", "secret");
    const { Parameters } = await client.send(new DescribeParametersCommand({}));
    expect(Parameters).toMatchObject([{ Name: "/demo/a", Type: "SecureString", Tier: "Standard" }]);
  });

  it("are not overwritten when they are created a second time", async () => {
    expect(await store.create("/demo/a", "first")).toBe(true);
    expect(await store.create("/demo/a", "second")).toBe(false);
    expect(await store.get("/demo/a")).toBe("first");
  });

  it("are overwritten when they are put a second time", async () => {
    await store.put("/demo/a", "first");
    await store.put("/demo/a", "second");
    expect(await store.get("/demo/a")).toBe("second");
  });

  it("are all listed, also when AWS answers in pages", async () => {
    const paths = Array.from({ length: 23 }, (_, index) => `/demo/folder/${String(index).padStart(2, "0")}`);
    for (const path of paths) await store.put(path, "secret");
    await store.put("/demo/other", "secret");
    expect(await store.list("/demo/folder")).toEqual(paths);
  });

  it("are gone when they are deleted, and may be deleted again", async () => {
    await store.put("/demo/a", "secret");
    await store.delete("/demo/a");
    await store.delete("/demo/a");
    expect(await store.get("/demo/a")).toBeUndefined();
  });

  it("fail to be larger than a standard parameter, and are not repeated in the message", async () => {
    await expect(store.put("/demo/a", "x".repeat(4097))).rejects.toMatchObject({
      message: "/demo/a would have 4097 bytes, but a standard SSM parameter holds 4096",
      details: { fix: "remove users or names that are not needed" },
    });
  });

  it("of a whole cluster are made once and kept the second time", async () => {
    const props = { store, config: configWith(), addresses: ["203.0.113.7"] };
    await ensureSecrets(props);
    const { entries } = await ensureSecrets(props);
    expect(entries.every(({ action }) => action === "kept")).toBe(true);
    expect(await store.list("/registry-cluster/demo")).toHaveLength(7);
  });

  it("of a cluster with many users fit into their parameters", async () => {
    await store.put("/demo/htpasswd", "x".repeat(4096));
    expect(await store.get("/demo/htpasswd")).toHaveLength(4096);
  });

  it("fail without credentials, with the way to give some", async () => {
    const without = new SSMClient({
      endpoint: moto.endpoint,
      region: "eu-west-1",
      credentials: () => Promise.reject(Object.assign(new Error("none found"), { name: "CredentialsProviderError" })),
    });
    await expect(new SsmSecretStore(without).get("/demo/a")).rejects.toMatchObject({
      message: "cannot read /demo/a: there are no AWS credentials",
      details: { fix: expect.stringContaining("set AWS_PROFILE") },
    });
  });

  it("fail where AWS does not answer, with the region", async () => {
    const unreachable = new SSMClient({
      endpoint: `http://127.0.0.1:${await freePort()}`,
      region: "eu-west-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    });
    await expect(new SsmSecretStore(unreachable).get("/demo/a")).rejects.toThrow(
      "cannot read /demo/a: AWS cannot be reached in eu-west-1",
    );
  });
});
