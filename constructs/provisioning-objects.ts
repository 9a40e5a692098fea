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
  /** Absolute, or relative to the stack's directory. Only `apply` reads the file. */
  readonly path: string;
}

export interface ProvisioningObjectsProps {
  readonly bucket: PrivateBucket;
  readonly bundle: ProvisioningBundle;
  /** The registry's container image, in the format of `docker load`. */
  readonly registryImage: Archive;
  /** A tar of a builder's programs. @default - there is no builder */
  readonly buildkit?: Archive;
}

/** What nodes fetch: the current bundle, the pointer to it, the script that reads the pointer, and the archives. */
export class ProvisioningObjects extends Construct {
  /** Stored last, so that it never names anything that is not there yet. */
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
        // first the new bundle, then the pointer, then deletion of the old bundle: the pointer never names a missing one
        createBeforeDestroy: true,
        // the key identifies the content; the local path of the file does not matter
        ignoreChanges: ["source"],
      },
      dependsOn: [...bucket.settings],
    });
  }
}
