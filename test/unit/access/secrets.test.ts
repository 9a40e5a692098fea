import { X509Certificate } from "node:crypto";
import { inspect } from "node:util";
import bcrypt from "bcryptjs";
import { describe, expect, it } from "vitest";
import { addressesOf, certificateCovers, certificateTimeLeftMs, renewalReason } from "../../../access/certificates.ts";
import { permittedBy } from "../../../access/name-constraints.ts";
import {
  ensureSecrets,
  formatReport,
  refusedByCa,
  reissueCa,
  renewServerCertificate,
} from "../../../access/secrets.ts";
import { configWith, MemorySecretStore, unlimitedAuthorityCertificate } from "./support.ts";

const dayMs = 86_400_000;
const now = new Date("2030-06-15T12:00:00Z");
const addresses = ["203.0.113.7"];
const paths = {
  caCertificate: "/registry-cluster/demo/operator/ca-certificate",
  caKey: "/registry-cluster/demo/operator/ca-key",
  password: "/registry-cluster/demo/operator/password-admin",
  serverCertificate: "/registry-cluster/demo/proxy/server-certificate",
  serverKey: "/registry-cluster/demo/proxy/server-key",
  htpasswd: "/registry-cluster/demo/registry/htpasswd",
  httpSecret: "/registry-cluster/demo/registry/http-secret",
};

async function initialized(): Promise<MemorySecretStore> {
  const store = new MemorySecretStore();
  await ensureSecrets({ store, config: configWith(), addresses, now });
  return store;
}

function storedAt(store: MemorySecretStore, path: string): string {
  const value = store.values.get(path);
  if (value === undefined) throw new Error(`nothing is stored at ${path}`);
  return value;
}

describe("the secrets of a new cluster", () => {
  it("are created, each under its own path", async () => {
    const store = new MemorySecretStore();
    const { entries } = await ensureSecrets({ store, config: configWith(), addresses, now });

    expect([...store.values.keys()].sort()).toEqual(Object.values(paths).sort());
    expect(entries.map(({ path }) => path).sort()).toEqual(Object.values(paths).sort());
    expect(entries.every(({ action }) => action === "created")).toBe(true);
  });

  it("hold a server certificate for the domain name, the extra names and the addresses", async () => {
    const store = new MemorySecretStore();
    const config = configWith({ tls: { extraNames: ["mirror.example.internal"] } });
    await ensureSecrets({ store, config, addresses, now });

    const names = ["registry.example.internal", "mirror.example.internal"];
    expect(certificateCovers(storedAt(store, paths.serverCertificate), names, addresses)).toBe(true);
  });

  it("hold a password with which the user admin can log in", async () => {
    const store = await initialized();
    const [user, hash] = storedAt(store, paths.htpasswd).trim().split(":");
    expect(user).toBe("admin");
    expect(await bcrypt.compare(storedAt(store, paths.password), hash as string)).toBe(true);
  });

  it("hold 32 random bytes for the registries to share", async () => {
    const store = await initialized();
    expect(storedAt(store, paths.httpSecret)).toMatch(/^[0-9a-f]{64}$/);
  });

  it("come with the certificate that clients must trust", async () => {
    const store = new MemorySecretStore();
    const { caCertificate } = await ensureSecrets({ store, config: configWith(), addresses, now });
    expect(caCertificate).toBe(storedAt(store, paths.caCertificate));
  });

  it("do not appear in the report, however it is printed", async () => {
    const store = new MemorySecretStore();
    const report = await ensureSecrets({ store, config: configWith(), addresses, now });

    const printed = [
      formatReport(report),
      JSON.stringify(report),
      inspect(report, { depth: null }),
      String(report),
    ].join();
    const secret = [paths.caKey, paths.serverKey, paths.httpSecret, paths.password, paths.htpasswd];
    for (const path of secret) {
      for (const line of storedAt(store, path)
        .split("\n")
        .filter((text) => text && !text.startsWith("-----"))) {
        expect(printed).not.toContain(line);
      }
    }
  });
});

describe("the secrets of a cluster that has them", () => {
  it("are all kept", async () => {
    const store = await initialized();
    const before = new Map(store.values);
    const { entries } = await ensureSecrets({ store, config: configWith(), addresses, now });

    expect(store.values).toEqual(before);
    expect(entries.every(({ action }) => action === "kept")).toBe(true);
  });

  it.each([paths.serverKey, paths.serverCertificate, paths.httpSecret, paths.htpasswd])(
    "are completed when %s is missing",
    async (path) => {
      const store = await initialized();
      store.values.delete(path);
      const { entries } = await ensureSecrets({ store, config: configWith(), addresses, now });
      expect(entries).toContainEqual({ path, action: "created" });
      expect(store.values.has(path)).toBe(true);
    },
  );

  it("get a new server certificate, for the same key, when the domain name has changed", async () => {
    const store = await initialized();
    const key = storedAt(store, paths.serverKey);
    const config = configWith({ domainName: "images.registry.example.internal" });
    const { entries } = await ensureSecrets({ store, config, addresses, now });

    const renewed = { path: paths.serverCertificate, action: "renewed", reason: "names or addresses have changed" };
    expect(entries.filter(({ action }) => action !== "kept")).toEqual([renewed]);
    expect(certificateCovers(storedAt(store, paths.serverCertificate), [config.domainName], addresses)).toBe(true);
    expect(storedAt(store, paths.serverKey)).toBe(key);
  });

  it("keep the addresses of the server certificate when another one is added, or it is renewed without naming them", async () => {
    const store = new MemorySecretStore();
    await ensureSecrets({ store, config: configWith(), addresses: ["203.0.113.7"], now });
    await reissueCa({ store, config: configWith(), addresses: ["203.0.113.8"], now });
    await ensureSecrets({ store, config: configWith(), addresses: ["203.0.113.8"], now });
    const config = configWith({ domainName: "other.registry.example.internal" });
    await ensureSecrets({ store, config, addresses: [], now });
    expect(addressesOf(storedAt(store, paths.serverCertificate)).sort()).toEqual(["203.0.113.7", "203.0.113.8"]);
  });

  it("get a new server certificate when it has less than 30 days left", async () => {
    const store = await initialized();
    const later = new Date(now.getTime() + 380 * dayMs);
    const { entries } = await ensureSecrets({ store, config: configWith(), addresses, now: later });
    expect(entries).toContainEqual({ path: paths.serverCertificate, action: "renewed", reason: "it has 17 days left" });
  });

  it("do not get the user admin again after it was removed", async () => {
    const store = await initialized();
    store.values.delete(paths.password);
    store.values.set(paths.htpasswd, "zoe:$2y$10$x\n");
    await ensureSecrets({ store, config: configWith(), addresses, now });
    expect(store.values.has(paths.password)).toBe(false);
    expect(storedAt(store, paths.htpasswd)).toBe("zoe:$2y$10$x\n");
  });

  it("fail when the authority's key is missing: a new one would not fit what clients trust", async () => {
    const store = await initialized();
    store.values.delete(paths.caKey);
    await expect(ensureSecrets({ store, config: configWith(), addresses, now })).rejects.toMatchObject({
      message: `${paths.caKey} is missing`,
      details: { fix: expect.stringContaining(`restore it, or delete ${paths.caCertificate} too`) },
    });
    expect(store.values.has(paths.caKey)).toBe(false);
  });

  it("fail when the authority's key is another one", async () => {
    const store = await initialized();
    store.values.set(paths.caKey, storedAt(store, paths.serverKey));
    await expect(ensureSecrets({ store, config: configWith(), addresses, now })).rejects.toThrow("is not the key of");
  });

  it("fail when the authority's certificate is about to expire, and say that clients need a new one", async () => {
    const store = await initialized();
    const later = new Date(now.getTime() + 3630 * dayMs);
    await expect(ensureSecrets({ store, config: configWith(), addresses, now: later })).rejects.toMatchObject({
      message: expect.stringMatching(/less than 30 days left$/),
      details: {
        fix: expect.stringMatching(/^1\. npx registry-cluster access reissue-ca --address 203\.0\.113\.7\n/),
      },
    });
  });
});

describe("an authority", () => {
  const elsewhere = configWith({ domainName: "images.example.org", tls: { extraNames: ["mirror.example.org"] } });

  it("may sign for the config's names, those below them, and the addresses that were given", async () => {
    const store = await initialized();
    expect(permittedBy(storedAt(store, paths.caCertificate))).toEqual({
      names: ["registry.example.internal"],
      addresses: ["203.0.113.7"],
    });
  });

  it("that is made anew may sign for the addresses that the server certificate has", async () => {
    const store = await initialized();
    store.values.delete(paths.caKey);
    store.values.delete(paths.caCertificate);
    await ensureSecrets({ store, config: configWith(), addresses: [], now });
    expect(permittedBy(storedAt(store, paths.caCertificate))?.addresses).toEqual(["203.0.113.7"]);
  });

  it.each([
    ["names of another domain", { config: elsewhere }, "images.example.org, mirror.example.org", "203.0.113.7"],
    [
      "an address that nobody named before",
      { config: configWith(), addresses: ["203.0.113.8"] },
      "203.0.113.8",
      "203.0.113.8 203.0.113.7",
    ],
  ])(
    "is not asked to sign for %s, which clients would refuse: all is left as it is, with the steps to take",
    async (_what, change, refused, options) => {
      for (const work of [ensureSecrets, renewServerCertificate]) {
        const store = await initialized();
        const before = new Map(store.values);
        await expect(work({ store, addresses, now, ...change })).rejects.toMatchObject({
          message: `the CA may not sign for ${refused}: it may sign for registry.example.internal and the names below; 203.0.113.7`,
          details: {
            fix: expect.stringContaining(
              `1. npx registry-cluster access reissue-ca --address ${work === ensureSecrets ? options : options.split(" ")[0]}\n`,
            ),
          },
        });
        expect(store.values).toEqual(before);
      }
    },
  );

  it("is reissued with its key and name for new names and addresses, and nothing else changes", async () => {
    const store = await initialized();
    const before = new Map(store.values);
    const { entries } = await reissueCa({ store, config: elsewhere, addresses: ["203.0.113.8"], now });

    expect(entries).toContainEqual(expect.objectContaining({ path: paths.caCertificate, action: "renewed" }));
    const changed = Object.values(paths).filter((path) => store.values.get(path) !== before.get(path));
    expect(changed).toEqual([paths.caCertificate]);
    const [old, reissued] = [before.get(paths.caCertificate) as string, storedAt(store, paths.caCertificate)].map(
      (pem) => new X509Certificate(pem),
    ) as [X509Certificate, X509Certificate];
    expect(reissued.subject).toBe(old.subject);
    expect(reissued.publicKey.equals(old.publicKey)).toBe(true);
    // Those of the present server certificate stay: clients with the new CA certificate must accept it.
    expect(permittedBy(storedAt(store, paths.caCertificate))).toEqual({
      names: ["images.example.org", "mirror.example.org", "registry.example.internal"],
      addresses: ["203.0.113.8", "203.0.113.7"],
    });
  });

  it("tells beforehand what it would refuse", async () => {
    const store = await initialized();
    expect(await refusedByCa({ store, config: elsewhere, addresses: ["203.0.113.7", "203.0.113.8"] })).toEqual([
      "images.example.org",
      "mirror.example.org",
      "203.0.113.8",
    ]);
    expect(await refusedByCa({ store, config: configWith(), addresses: [] })).toEqual([]);
    expect(await refusedByCa({ store: new MemorySecretStore(), config: elsewhere, addresses: [] })).toEqual([]);
  });

  it("that was reissued signs for what is new", async () => {
    const store = await initialized();
    await reissueCa({ store, config: elsewhere, addresses: [], now });
    await ensureSecrets({ store, config: elsewhere, addresses: [], now });
    expect(certificateCovers(storedAt(store, paths.serverCertificate), ["mirror.example.org"], addresses)).toBe(true);
  });

  it("that is about to expire can be reissued", async () => {
    const store = await initialized();
    const later = new Date(now.getTime() + 3630 * dayMs);
    await reissueCa({ store, config: configWith(), addresses: [], now: later });
    await ensureSecrets({ store, config: configWith(), addresses, now: later });
    expect(certificateTimeLeftMs(storedAt(store, paths.caCertificate), later)).toBe(3650 * dayMs);
  });

  it("is reissued for the builder too", async () => {
    const store = new MemorySecretStore();
    const config = configWith({ builder: { enabled: true } });
    await ensureSecrets({ store, config, addresses, now });
    const { caCertificate } = await reissueCa({ store, config, addresses: ["203.0.113.8"], now });
    expect(storedAt(store, "/registry-cluster/demo/builder/ca-certificate")).toBe(caCertificate);
  });

  it("cannot be reissued before there is one", async () => {
    const work = reissueCa({ store: new MemorySecretStore(), config: configWith(), addresses, now });
    await expect(work).rejects.toMatchObject({
      details: { fix: expect.stringContaining("run 'registry-cluster access init'") },
    });
  });

  describe("of a cluster that was made before authorities were limited", () => {
    async function unlimited(): Promise<MemorySecretStore> {
      const store = await initialized();
      const pem = await unlimitedAuthorityCertificate(storedAt(store, paths.caKey), now);
      store.values.set(paths.caCertificate, pem);
      return store;
    }

    it("is kept, and signs for what it is asked to", async () => {
      const store = await unlimited();
      const before = storedAt(store, paths.caCertificate);
      await ensureSecrets({ store, config: elsewhere, addresses: ["203.0.113.8"], now });
      expect(storedAt(store, paths.caCertificate)).toBe(before);
      expect(certificateCovers(storedAt(store, paths.serverCertificate), ["images.example.org"], ["203.0.113.8"])).toBe(
        true,
      );
    });

    it("is warned of until it is reissued", async () => {
      const store = await unlimited();
      const warning = /warning: the CA may sign for every name .*\n {2}mend: npx registry-cluster access reissue-ca/;
      const init = () => ensureSecrets({ store, config: configWith(), addresses, now });
      expect(formatReport(await init())).toMatch(warning);
      await reissueCa({ store, config: configWith(), addresses: [], now });
      expect(formatReport(await init())).not.toMatch(/warning/);
    });
  });
});

describe("two operators who make a cluster's secrets at once", () => {
  it("end up with one set that fits together", async () => {
    const store = new MemorySecretStore();
    const config = configWith();
    const [one, other] = await Promise.all([
      ensureSecrets({ store, config, addresses, now }),
      ensureSecrets({ store, config, addresses, now }),
    ]);

    expect(one.caCertificate).toBe(other.caCertificate);
    const authority = { certificatePem: one.caCertificate, privateKeyPem: storedAt(store, paths.caKey) };
    const privateKeyPem = storedAt(store, paths.serverKey);
    const wanted = { authority, privateKeyPem, names: [config.domainName], addresses, now };
    expect(renewalReason(storedAt(store, paths.serverCertificate), wanted)).toBeUndefined();
    const hash = storedAt(store, paths.htpasswd).trim().slice("admin:".length);
    expect(await bcrypt.compare(storedAt(store, paths.password), hash)).toBe(true);
  });
});

describe("a renewal that was asked for", () => {
  it("replaces the server's key and certificate, and nothing else", async () => {
    const store = await initialized();
    const before = new Map(store.values);
    await renewServerCertificate({ store, config: configWith(), addresses, now });

    const changed = Object.values(paths).filter((path) => store.values.get(path) !== before.get(path));
    expect(changed.sort()).toEqual([paths.serverCertificate, paths.serverKey]);
  });

  it("leaves a pair that needs no further renewal", async () => {
    const store = await initialized();
    await renewServerCertificate({ store, config: configWith(), addresses, now });
    const { entries } = await ensureSecrets({ store, config: configWith(), addresses, now });
    expect(entries.every(({ action }) => action === "kept")).toBe(true);
  });
});

describe("the secrets of a cluster with a builder", () => {
  const config = configWith({ builder: { enabled: true } });
  const ensured = async (store: MemorySecretStore) => {
    const { entries } = await ensureSecrets({ store, config, addresses, now });
    return Object.fromEntries(entries.map(({ path, action }) => [path.replace("/registry-cluster/demo/", ""), action]));
  };
  const at = (store: MemorySecretStore, path: string) => storedAt(store, `/registry-cluster/demo/${path}`);

  it("hold a login of its own, which the registries know, and whom it is to trust", async () => {
    const store = await initialized();
    expect(await ensured(store)).toMatchObject({
      "registry/htpasswd": "renewed",
      "operator/password-builder": "created",
      "builder/registry-login": "created",
      "builder/ca-certificate": "created",
    });
    const login = JSON.parse(at(store, "builder/registry-login"));
    const [user, password] = Buffer.from(login.auths["registry.example.internal"].auth, "base64").toString().split(":");
    const hashes = new Map(
      at(store, "registry/htpasswd")
        .trim()
        .split("\n")
        .map((line) => line.split(":") as [string, string]),
    );
    expect([...hashes.keys()]).toEqual(["admin", "builder"]);
    expect(await bcrypt.compare(password as string, hashes.get(user as string) as string)).toBe(true);
    expect(at(store, "builder/ca-certificate")).toBe(at(store, "operator/ca-certificate"));
  });

  it("are all kept the next time", async () => {
    const store = await initialized();
    await ensured(store);
    expect(new Set(Object.values(await ensured(store)))).toEqual(new Set(["kept"]));
  });

  it("follow a login and an authority that are made anew", async () => {
    const store = await initialized();
    await ensured(store);
    await store.put("/registry-cluster/demo/builder/registry-login", "of an old password");
    await store.put("/registry-cluster/demo/builder/ca-certificate", "of an old authority");
    expect(await ensured(store)).toMatchObject({
      "builder/registry-login": "renewed",
      "builder/ca-certificate": "renewed",
    });
    expect(at(store, "builder/ca-certificate")).toBe(at(store, "operator/ca-certificate"));
  });
});
