import { basename } from "node:path";
import { S3Object } from "@cdktf/provider-aws/lib/s3-object";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { provisioningKeys } from "../topology/names.ts";
import { GeneratedFile } from "./generated-file.ts";
import type { PrivateBucket } from "./private-bucket.ts";
import { terraformLiteral } from "./terraform-literal.ts";

/** What a node converges with. */
export interface ProvisioningBundle {
  /** SHA-256 of the archive, in hexadecimal. */
  readonly sha256: string;
  /** The archive itself. */
  readonly archive: Buffer;
  /** Text that names the bundle and shows what is in it. */
  readonly pointerText: string;
  /** Text of the script that fetches and applies the bundle. */
  readonly convergeScript: string;
}

/** A file that nodes fetch and that is too large for the bundle. */
export interface Archive {
  /** SHA-256 of the archive, in hexadecimal. */
  readonly sha256: string;
  /** Absolute, or from the stack's directory. Read by `apply` only. */
  readonly path: string;
}

export interface ProvisioningObjectsProps {
  readonly bucket: PrivateBucket;
  readonly bundle: ProvisioningBundle;
  /** The registry's container image, as `docker load` reads it. */
  readonly registryImage: Archive;
  /** A tar with the programs of a builder. @default - there is no builder */
  readonly buildkit?: Archive;
}

/** What nodes fetch: the current bundle, the pointer to it, the script that follows the pointer, the archives. */
export class ProvisioningObjects extends Construct {
  /** Stored last: where it is, everything that it names is. */
  readonly pointer: S3Object;

  constructor(scope: Construct, id: string, props: ProvisioningObjectsProps) {
    super(scope, id);
    const { bucket, bundle, registryImage, buildkit } = props;
    const archive = new GeneratedFile(this, "bundle", {
      fileName: basename(provisioningKeys.bundle(bundle.sha256)),
      content: bundle.archive,
    });
    this.pointer = this.storeText("pointer", bucket, provisioningKeys.pointer, bundle.pointerText, [
      this.storeFile("bundle-object", bucket, provisioningKeys.bundle(bundle.sha256), archive.path),
      this.storeFile("image-object", bucket, provisioningKeys.image(registryImage.sha256), registryImage.path),
      ...(buildkit
        ? [this.storeFile("buildkit-object", bucket, provisioningKeys.programs(buildkit.sha256), buildkit.path)]
        : []),
      this.storeText(
        "converge-script",
        bucket,
        provisioningKeys.convergeScript,
        bundle.convergeScript,
        bucket.settings,
      ),
    ]);
  }

  /** Stores text under a fixed key, so that a plan shows what changes in it. */
  private storeText(
    id: string,
    bucket: PrivateBucket,
    key: string,
    text: string,
    after: readonly ITerraformDependable[],
  ): S3Object {
    return new S3Object(this, id, {
      bucket: bucket.bucket.id,
      key,
      content: terraformLiteral(text),
      contentType: "text/plain; charset=utf-8",
      dependsOn: [...after],
    });
  }

  /** Stores a file under a key that contains its hash. */
  private storeFile(id: string, bucket: PrivateBucket, key: string, path: string): S3Object {
    return new S3Object(this, id, {
      bucket: bucket.bucket.id,
      key,
      source: path,
      lifecycle: {
        // new bundle, then pointer, then the old bundle goes: the pointer never names what is not there
        createBeforeDestroy: true,
        // the key already says what is inside; where the file lay on the machine that stored it says nothing
        ignoreChanges: ["source"],
      },
      dependsOn: [...bucket.settings],
    });
  }
}
