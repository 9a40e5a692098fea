import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { write } from "../files.ts";
import { s3Keys } from "./programs.ts";

/** The rendered files, with the addresses and paths of a chain on this machine. */

export interface ChainPorts {
  /** HAProxy: the entry. */
  readonly https: number;
  readonly l7: number;
  readonly health: number;
  readonly anyRegistry: number;
  readonly registries: readonly [number, number];
  /** A registry without a proxy. */
  readonly bare: number;
  readonly s3: number;
  readonly resolver: number;
}

/** One certificate for the proxy and for S3, which is at localhost. @returns the file, with the key in it */
export async function makeCertificate(folder: string): Promise<string> {
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const names = "subjectAltName=DNS:localhost,DNS:registry.example.internal";
  const kind = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-subj",
    "/CN=test",
    "-addext",
    names,
  ];
  await execa("openssl", ["req", "-x509", ...kind, "-keyout", key, "-out", certificate]);
  return write(join(folder, "server.pem"), readFileSync(certificate, "utf8") + readFileSync(key, "utf8"));
}

export function registryConfig(text: string, folder: string, port: number, s3Port: number): string {
  const s3 = ["forcepathstyle: true", ...[`accesskey: ${s3Keys.access}`, `secretkey: ${s3Keys.secret}`]];
  return text
    .replace(/^( +)bucket: .*$/m, (line, indent) => [line, ...s3.map((setting) => indent + setting)].join("\n"))
    .replace(/regionendpoint: .*/, `regionendpoint: https://localhost:${s3Port}`)
    .replace("encrypt: true", "encrypt: false")
    .replace("/etc/distribution/htpasswd", join(folder, "htpasswd"))
    .replace(/addr: 10\.[\d.]+:5000/, `addr: 127.0.0.1:${port}`)
    .replace(/addr: 10\.[\d.]+:5001/, "addr: 127.0.0.1:0");
}

/** Another registry on the same storage, which serves all bytes itself, without our additions. */
export function bareRegistryConfig(text: string, port: number, itsPort: number): string {
  return text
    .replace(`addr: 127.0.0.1:${port}`, `addr: 127.0.0.1:${itsPort}`)
    .replace("disable: false", "disable: true")
    .replace(/^middleware:\n( .*\n)+/m, "");
}

/** Place of the bucket in a chain: a path at localhost instead of its own host. */
export function bucketHostOf({ port }: { readonly port: number }): string {
  return `localhost:${port}/registry-example-internal`;
}

export function nginxConfig(text: string, folder: string, ports: ChainPorts): string {
  const pem = join(folder, "server.pem");
  return text
    .replaceAll("registry-example-internal.s3.eu-west-1.amazonaws.com", bucketHostOf({ port: ports.s3 }))
    .replaceAll("/etc/nginx/tls/server.pem", pem)
    .replaceAll("/etc/ssl/certs/ca-certificates.crt", pem)
    .replaceAll("/var/log/nginx", folder)
    .replaceAll("/run/nginx-closing", join(folder, "closing"))
    .replaceAll("/run/disk-guard/full", join(folder, "disk-full"))
    .replaceAll("/var/cache/nginx-blobs", join(folder, "cache", "blobs"))
    .replace("/run/nginx.pid", join(folder, "pid"))
    .replaceAll("127.0.0.1:8082", `127.0.0.1:${ports.health}`)
    .replaceAll("10.80.0.5:8443", `127.0.0.1:${ports.l7}`)
    .replace("set_real_ip_from 10.80.0.5;", "set_real_ip_from 127.0.0.1;")
    .replaceAll("127.0.0.1:5000", `127.0.0.1:${ports.anyRegistry}`)
    .replaceAll("10.80.128.4:5000", `127.0.0.1:${ports.registries[0]}`)
    .replaceAll("10.80.144.4:5000", `127.0.0.1:${ports.registries[1]}`)
    .replace("resolver 10.80.0.2 ", `resolver 127.0.0.1:${ports.resolver} `);
}

/** One proxy's HAProxy, which balances to no proxy but its own. */
export function haproxyConfig(text: string, ports: ChainPorts): string {
  const [entry] = text.split(/^frontend health$/m);
  return (entry as string)
    .replace(/^ {2}(user|group) .*\n/gm, "")
    .replace(/maxconn \d+/, "maxconn 1000")
    .replace("bind :443", `bind 127.0.0.1:${ports.https}`)
    .replace("bind 127.0.0.1:5000", `bind 127.0.0.1:${ports.anyRegistry}`)
    .replaceAll("10.80.128.4:5000", `127.0.0.1:${ports.registries[0]}`)
    .replaceAll("10.80.144.4:5000", `127.0.0.1:${ports.registries[1]}`)
    .replaceAll("10.80.0.5:8443", `127.0.0.1:${ports.l7}`)
    .replace(/^ *(use-)?server proxy-2 .*\n/gm, "");
}
