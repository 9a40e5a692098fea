/** Bakes the lab's images, as `lab up` does, until it is interrupted. Run by the test of the same name. */

import { catchInterrupts, interrupted } from "../../../common/interrupt.ts";
import { ensureImages } from "../../../machines/docker/bake.ts";

catchInterrupts();
const anyFile = import.meta.filename;
await ensureImages({ caCertificate: anyFile, s3Server: anyFile }, ["proxy"], () => {}).catch((error: unknown) => {
  if (!interrupted.aborted) throw error;
  process.exitCode = 130;
});
