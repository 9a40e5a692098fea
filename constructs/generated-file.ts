import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { TerraformStack } from "cdktf";
// TerraformAsset is built on this function, which the package does not export at its top level;
// an asset itself copies a file, but ours exists only in memory
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer";
import { Construct } from "constructs";

export interface GeneratedFileProps {
  /** File name, without folders. */
  readonly fileName: string;
  readonly content: Buffer;
}

/** A file that synthesis writes next to the stack's plan. */
export class GeneratedFile extends Construct {
  /** Path relative to the stack's directory, in which Terraform runs. */
  readonly path: string;

  constructor(scope: Construct, id: string, props: GeneratedFileProps) {
    super(scope, id);
    const folder = `generated/${id}`;
    this.path = `${folder}/${props.fileName}`;
    const stack = TerraformStack.of(this);
    addCustomSynthesis(this, {
      onSynthesize: ({ outdir, manifest }) => {
        const stackDirectory = join(outdir, manifest.forStack(stack).workingDirectory);
        rmSync(join(stackDirectory, folder), { recursive: true, force: true });
        mkdirSync(join(stackDirectory, dirname(this.path)), { recursive: true });
        writeFileSync(join(stackDirectory, this.path), props.content);
      },
    });
  }
}
