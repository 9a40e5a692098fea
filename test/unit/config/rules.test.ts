import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../config/errors.ts";
import { parseConfig } from "../../../config/load.ts";
import { type Changes, faultsOf, minimal, minimalConfig, minimalText, sshPublicKey } from "./minimal.ts";

describe("the VPC's network", () => {
  it.each(["10.80.0.0/16", "172.16.0.0/16", "172.31.0.0/24", "192.168.0.0/16", "100.64.0.0/16"])(
    "may be %s",
    (cidr) => {
      expect(minimalConfig({ "network.cidr": cidr }).network.cidr).toBe(cidr);
    },
  );

  it.each(["8.8.0.0/16", "172.32.0.0/16", "100.128.0.0/16", "169.254.0.0/16", "192.169.0.0/16"])(
    "must be private, which %s is not",
    (cidr) => {
      expect(onlyFault({ "network.cidr": cidr })).toMatchObject({
        path: "network.cidr",
        value: cidr,
        problem: "not a private network",
        allowed: "a network inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10",
      });
    },
  );

  it.each(["172.17.0.0/16", "172.17.4.0/24"])("must not overlap Docker's, as %s does", (cidr) => {
    expect(onlyFault({ "network.cidr": cidr })).toMatchObject({
      path: "network.cidr",
      problem: "overlaps 172.17.0.0/16, Docker's own network on every node",
    });
  });
});

describe("the connections of one address", () => {
  it.each<[string, number]>([
    ["t3.micro", 2048],
    ["t3.small", 4096],
    ["c6i.large", 8192],
  ])("are at most half of those of a %s", (instanceType, most) => {
    const proxies = { ami: "ami-0123456789abcdef0", instanceType };
    expect(minimalConfig({ proxies: { ...proxies, connectionsPerClient: most } })).toBeDefined();
    if (most < 8192) {
      expect(onlyFault({ proxies: { ...proxies, connectionsPerClient: most + 1 } })).toMatchObject({
        path: "proxies.connectionsPerClient",
        value: most + 1,
        problem: `one address could take more than half of the connections of a ${instanceType}`,
        allowed: `16 to ${most} with this proxies.instanceType`,
        fix: `write ${most} or less, or choose a larger proxies.instanceType`,
      });
    }
  });
});

describe("a CIDR with host bits", () => {
  it.each<[string, unknown, string, string]>([
    ["network.cidr", "10.0.0.5/16", "network.cidr", "write 10.0.0.0/16"],
    ["access.sshCidrs", ["203.0.113.77/24"], "access.sshCidrs[0]", "write 203.0.113.0/24"],
    ["access.clientCidrs", ["10.0.0.0/8", "10.1.1.1/9"], "access.clientCidrs[1]", "write 10.0.0.0/9"],
  ])("in %s is answered with the network", (path, value, place, fix) => {
    expect(onlyFault({ [path]: value })).toMatchObject({ path: place, fix });
  });

  it("is no fault for a single address", () => {
    expect(minimalConfig({ "access.sshCidrs": ["203.0.113.77/32"] }).access.sshCidrs).toHaveLength(1);
  });
});

describe("zones", () => {
  it("must be of the region", () => {
    expect(onlyFault({ "network.zones": ["eu-west-1a", "eu-west-2b"] })).toMatchObject({
      path: "network.zones[1]",
      value: "eu-west-2b",
      problem: "not a zone of the region eu-west-1",
      allowed: "eu-west-1 and a letter, such as eu-west-1a",
    });
  });
});

describe("a value that is in its list twice", () => {
  it.each<[string, string[]]>([
    ["network.zones", ["eu-west-1a", "eu-west-1b", "eu-west-1a"]],
    ["access.sshCidrs", ["10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/8"]],
    ["access.clientCidrs", ["10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/8"]],
    ["tls.extraNames", ["a.example.com", "b.example.com", "a.example.com"]],
  ])("is refused in %s at its second place", (path, list) => {
    expect(onlyFault({ [path]: list })).toMatchObject({
      path: `${path}[2]`,
      value: list[0],
      problem: "is already in the list",
    });
  });

  it("is refused in access.openToInternet", () => {
    const twice = { "access.clientCidrs": ["0.0.0.0/0"], "access.openToInternet": ["clients", "clients"] };
    expect(onlyFault(twice).path).toBe("access.openToInternet[1]");
  });
});

describe("a CIDR that is open to the internet", () => {
  it.each([
    ["sshCidrs", "ssh"],
    ["clientCidrs", "clients"],
  ])("is refused in %s unless openToInternet names %s", (key, name) => {
    const open = { [`access.${key}`]: ["0.0.0.0/0"] };

    expect(onlyFault(open)).toMatchObject({
      path: `access.${key}[0]`,
      value: "0.0.0.0/0",
      problem: "wider than /8, which is open to the internet",
      fix: `name the networks that need it, or, if you mean it, add ${name} to access.openToInternet`,
    });
    expect(minimalConfig({ ...open, "access.openToInternet": [name] }).access.openToInternet).toEqual([name]);
  });

  it("is not allowed by the other list's name", () => {
    const open = { "access.sshCidrs": ["0.0.0.0/0"], "access.clientCidrs": ["0.0.0.0/0"] };
    expect(onlyFault({ ...open, "access.openToInternet": ["clients"] }).path).toBe("access.sshCidrs[0]");
  });

  it("cannot be had by two halves", () => {
    expect(faultsOf({ "access.sshCidrs": ["0.0.0.0/1", "128.0.0.0/1"] })).toHaveLength(2);
  });

  it("is one that is a bit wider than what one organisation has", () => {
    expect(onlyFault({ "access.sshCidrs": ["10.0.0.0/7"] })).toMatchObject({ value: "10.0.0.0/7" });
  });

  it("is not one of a single organisation", () => {
    expect(minimalConfig({ "access.sshCidrs": ["10.0.0.0/8"] }).access.sshCidrs).toEqual(["10.0.0.0/8"]);
  });

  it("must exist when openToInternet names its list", () => {
    expect(onlyFault({ "access.openToInternet": ["ssh"] })).toMatchObject({
      path: "access.openToInternet[0]",
      value: "ssh",
      problem: "nothing in access.sshCidrs is open to the internet, and this would let a later mistake pass",
      fix: "remove it",
    });
  });
});

describe("the public key", () => {
  const [type, base64, comment] = sshPublicKey.split(" ") as [string, string, string];

  it.each([
    ["without its end", `${type} ${base64.slice(0, -4)} ${comment}`, "it ends in the middle"],
    ["without most of it", `${type} AAAA`, "it ends in the middle"],
    [
      "of another type inside",
      keyLine("ssh-ed25519", field("ssh-rsa"), field("x")),
      "but contains another type of key",
    ],
    ["of the wrong length", keyLine("ssh-ed25519", field("ssh-ed25519"), field("short")), "has 32 bytes"],
    ["with something behind it", keyLine(type, Buffer.from(base64, "base64"), field("more")), "has 32 bytes"],
    ["of too few numbers", keyLine("ssh-rsa", field("ssh-rsa"), field("e")), "has two numbers"],
    ["too short to be safe", rsaLine(1024), "it has only 1024 bits"],
  ])("%s is refused", (_, key, reason) => {
    const fault = onlyFault({ "access.sshPublicKey": key });
    expect(fault).toMatchObject({ path: "access.sshPublicKey", value: key });
    expect(fault.problem).toMatch("not a complete public key: ");
    expect(fault.problem).toContain(reason);
  });

  it("may be RSA of 2048 bits", () => {
    expect(minimalConfig({ "access.sshPublicKey": rsaLine(2048) }).access.sshPublicKey).toBe(rsaLine(2048));
  });

  it("is refused wherever it was cut", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: base64.length - 1 }), (length) => {
        expect(faultsOf({ "access.sshPublicKey": `${type} ${base64.slice(0, length)}` })).toHaveLength(1);
      }),
    );
  });

  function rsaLine(bits: number): string {
    // A positive number whose highest bit is set starts with a zero byte.
    const modulus = Buffer.concat([Buffer.from([0]), Buffer.alloc(bits / 8, 0xff)]);
    return keyLine("ssh-rsa", field("ssh-rsa"), field(Buffer.from([1, 0, 1])), field(modulus));
  }

  function keyLine(keyType: string, ...fields: Buffer[]): string {
    return `${keyType} ${Buffer.concat(fields).toString("base64")}`;
  }

  function field(content: string | Buffer): Buffer {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    return Buffer.concat([length, Buffer.from(content)]);
  }
});

describe("instance types", () => {
  it.each(["t4g.micro", "m6gd.large", "c7gn.xlarge", "im4gn.large", "is4gen.medium", "x2gd.large", "a1.medium"])(
    "must not be arm64 like %s",
    (type) => {
      expect(onlyFault({ "proxies.instanceType": type })).toMatchObject({
        path: "proxies.instanceType",
        value: type,
        problem: "an arm64 instance type, but the cluster's images are amd64",
      });
    },
  );

  it.each(["t3.micro", "t3a.micro", "m7i-flex.large", "g4dn.xlarge", "gr6.4xlarge", "u-6tb1.56xlarge"])(
    "may be %s",
    (type) => {
      expect(minimalConfig({ "registries.instanceType": type }).registries.instanceType).toBe(type);
    },
  );

  it("are checked in every section", () => {
    const arm = "t4g.micro";
    const changes = { "bastion.instanceType": arm, "registries.instanceType": arm, "proxies.instanceType": arm };
    expect(faultsOf(changes).map(({ path }) => path)).toEqual(Object.keys(changes));
  });
});

describe("the cache of blobs", () => {
  it("must leave 5 GiB of the proxies' root volume to the system", () => {
    expect(onlyFault({ "proxies.blobCacheGiB": 4 })).toMatchObject({
      path: "proxies.blobCacheGiB",
      value: 4,
      problem: "with a root volume of 8 GiB too little would be left for the system",
      allowed: "0 to 3 GiB, 5 GiB less than proxies.rootVolumeGiB",
    });
  });

  it("may be as large as a larger root volume allows, or nothing", () => {
    const { ami } = minimal().proxies;
    const sized = (blobCacheGiB: number) => minimalConfig({ proxies: { ami, rootVolumeGiB: 100, blobCacheGiB } });
    expect([95, 0].map((size) => sized(size).proxies.blobCacheGiB)).toEqual([95, 0]);
  });
});

describe("buckets", () => {
  it("must be two", () => {
    expect(onlyFault({ "storage.provisioningBucket": "registry-images" })).toMatchObject({
      path: "storage.provisioningBucket",
      value: "registry-images",
      problem: "is also the registry's bucket, whose objects the nodes may delete",
    });
  });

  it("must have a name short enough for the provisioning bucket's", () => {
    expect(minimalConfig({ "storage.bucket": "a".repeat(50) }).storage.bucket).toHaveLength(50);
    expect(onlyFault({ "storage.bucket": "a".repeat(51) })).toMatchObject({
      path: "storage.bucket",
      problem: `the provisioning bucket's name derived from it, ${"a".repeat(51)}-provisioning, has 64 characters`,
      fix: "shorten it, or set storage.provisioningBucket",
    });
  });

  it("may have a long name when the provisioning bucket has one of its own", () => {
    const changes = { "storage.bucket": "a".repeat(63), "storage.provisioningBucket": "b".repeat(63) };
    expect(minimalConfig(changes).storage.bucket).toHaveLength(63);
  });
});

describe("the KMS key", () => {
  const arn = (region: string) => `arn:aws:kms:${region}:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab`;

  it("must be of the region", () => {
    expect(onlyFault({ "storage.kmsKeyArn": arn("us-east-1") })).toMatchObject({
      path: "storage.kmsKeyArn",
      value: arn("us-east-1"),
      problem: "the key is not in the region eu-west-1, where the data that it encrypts is",
    });
    expect(minimalConfig({ "storage.kmsKeyArn": arn("eu-west-1") }).storage.kmsKeyArn).toBe(arn("eu-west-1"));
  });

  it("of the state must be of the region of the state's bucket", () => {
    const s3 = (region?: string) => ({ bucket: "states", region, kmsKeyArn: arn("us-east-1") });
    expect(onlyFault({ "backend.s3": s3() }).path).toBe("backend.s3.kmsKeyArn");
    expect(minimalConfig({ "backend.s3": s3("us-east-1") }).backend.s3?.region).toBe("us-east-1");
  });
});

describe("the bucket of the state", () => {
  it.each(["storage.bucket", "storage.provisioningBucket"])("must not be %s", (path) => {
    expect(onlyFault({ [path]: "states", "backend.s3": { bucket: "states" } })).toMatchObject({
      path,
      value: "states",
    });
  });

  it("must not be the bucket for provisioning that is named by default", () => {
    const changes = { "storage.bucket": "images", "backend.s3": { bucket: "images-provisioning" } };
    expect(onlyFault(changes).path).toBe("storage.provisioningBucket");
  });
});

describe("the time without a proxy", () => {
  it("is at most a minute after one died", () => {
    expect(onlyFault({ "vrrp.advertInterval": "1s", "vrrp.downAfterAdverts": 61 })).toMatchObject({
      path: "vrrp.advertInterval",
      value: "1s",
      problem: "a dead proxy would keep the address for 61s (61 adverts)",
    });
    expect(minimalConfig({ "vrrp.advertInterval": "1s", "vrrp.downAfterAdverts": 60 }).vrrp.downAfterAdverts).toBe(60);
  });

  it("is at most a minute after one hung", () => {
    expect(onlyFault({ "vrrp.checkTimeout": "21s", "vrrp.checkFall": 3 })).toMatchObject({
      path: "vrrp.checkTimeout",
      value: "21s",
      problem: "a hung proxy would keep the address for 63s (3 checks)",
    });
    expect(onlyFault({ "vrrp.checkInterval": "31s" }).problem).toContain("62s (2 checks)");
    expect(minimalConfig({ "vrrp.checkTimeout": "30s" }).vrrp.checkTimeout.seconds).toBe(30);
  });
});

describe("extra names", () => {
  it("must not repeat domainName", () => {
    expect(onlyFault({ "tls.extraNames": ["registry.example.internal"] })).toMatchObject({
      path: "tls.extraNames[0]",
      value: "registry.example.internal",
      problem: "is the domainName, which is in the certificate anyway",
    });
  });
});

describe("the converge interval", () => {
  it("must give every node its turn", () => {
    const sizes = { "registries.count": 3, "proxies.count": 2 };
    expect(onlyFault({ ...sizes, "converge.interval": "5m" })).toMatchObject({
      path: "converge.interval",
      value: "5m",
      problem: "too short for 6 nodes to converge one after the other, 1 min each",
      fix: "write 6m or more",
    });
    expect(minimalConfig({ ...sizes, "converge.interval": "6m" }).converge.interval.seconds).toBe(360);
  });

  it("must give the builder its turn too, where there is one", () => {
    const sizes = { "builder.enabled": true, "converge.interval": "5m" };
    expect(onlyFault(sizes).problem).toBe("too short for 6 nodes to converge one after the other, 1 min each");
    expect(minimalConfig({ ...sizes, "converge.interval": "6m" }).builder.enabled).toBe(true);
  });
});

describe("tags", () => {
  it.each(["Name", "Cluster", "Role", "Node"])("must not be called %s, which the cluster uses itself", (name) => {
    expect(onlyFault({ tags: { [name]: "mine" } })).toMatchObject({
      path: `tags.${name}`,
      value: "mine",
      problem: "the cluster sets this tag itself, and its nodes find each other by it",
      allowed: "names other than Name, Cluster, Role, Node",
    });
  });
});

describe("a rule", () => {
  it("is silent when a value that it needs is wrong itself", () => {
    expect(onlyFault({ region: "x", "network.zones": ["eu-west-1a", "us-east-1a"] }).path).toBe("region");
  });

  it("never breaks down, whatever the file says", () => {
    const value = fc.oneof(
      fc.constantFrom("x", "0.0.0.0/0", "5s", 3, true, null),
      fc.constant([]),
      fc.constant({}),
      fc.json(),
    );
    const paths = [
      "region",
      "network.cidr",
      "network.zones",
      "access",
      "access.sshCidrs",
      "vrrp.checkFall",
      "storage",
      "tags",
    ];
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...paths), { minLength: 1 }), value, (changed, value) => {
        const text = minimalText(Object.fromEntries(changed.map((path) => [path, value])));
        try {
          parseConfig(text, "cluster.yml");
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
    );
  });
});

function onlyFault(changes: Changes) {
  const faults = faultsOf(changes);
  expect(faults).toHaveLength(1);
  return faults[0]!;
}
