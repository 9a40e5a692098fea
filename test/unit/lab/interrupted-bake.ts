/** Bakes the lab's images, as `lab up` does, until it is interrupted. Run by the test of the same name. */
import { ensureImages } from "../../../lab/images.ts";
import { catchInterrupts, interrupted } from "../../../operator/interrupt.ts";

catchInterrupts();
const anyFile = import.meta.filename;
await ensureImages({ caCertificate: anyFile, s3Server: anyFile }, ["proxy"], () => {}).catch((error: unknown) => {
  if (!interrupted.aborted) throw error;
  process.exitCode = 130;
});
