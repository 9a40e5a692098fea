import { ensureImages } from "../machines/docker/bake.ts";
import { ensureLabAuthority } from "./account/authority.ts";
import { ensureS3Server } from "./account/machine.ts";
const t = Date.now();
await ensureImages({ caCertificate: await ensureLabAuthority(), s3Server: await ensureS3Server(console.log) }, ["bastion", "registry", "proxy"], console.log);
console.log("baked", (Date.now() - t) / 1000);
