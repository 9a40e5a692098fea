import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { parse } from "yaml";
import { z } from "zod";
import { explainAwsError } from "../../access/explain-aws-error.ts";
import { OperatorError } from "../../common/errors.ts";
import { provisioningKeys } from "../../topology/names.ts";
import type { Control, Report, RolloutFacts } from "./judgement.ts";

const time = z.iso.datetime().transform((text) => new Date(text));
const control = z.object({ paused: z.boolean().optional(), retriedAt: time.optional() });
const report = z.object({
  bundle: z.string(),
  runs: z.string(),
  result: z.enum(["applying", "good", "failed"]),
  time,
  until: time.optional(),
  detail: z.string().optional(),
});

const needs = "they need s3:GetObject, s3:ListBucket and s3:PutObject on the provisioning bucket";

/** What nodes and the operator tell each other of a change, in the provisioning bucket. */
export class RolloutStore {
  constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
    private readonly region: string,
  ) {}

  /**
   * @throws OperatorError if nothing has been deployed yet, if an object is damaged, or if AWS refuses.
   */
  async read(): Promise<Omit<RolloutFacts, "nodes">> {
    const pointer = await this.#get(provisioningKeys.pointer);
    if (pointer === undefined) {
      throw new OperatorError(`there is no ${provisioningKeys.pointer} in the bucket ${this.bucket}`, {
        cause: "nothing has been deployed yet",
        fix: "npx cdktf deploy",
      });
    }
    const { sha256 } = parse(pointer) as { sha256: string };
    const keys = await this.#keys(provisioningKeys.reports);
    const reports = keys.map(async (key): Promise<[string, Report]> => {
      const name = key.replace(/^.*\//, "").replace(/\.json$/, "");
      return [name, this.#parsed(key, report, (await this.#get(key)) ?? "")];
    });
    return { bundle: sha256, reports: new Map(await Promise.all(reports)), control: await this.control() };
  }

  async control(): Promise<Control> {
    return this.#parsed(
      provisioningKeys.rolloutControl,
      control,
      (await this.#get(provisioningKeys.rolloutControl)) ?? "{}",
    );
  }

  async writeControl(wanted: Control): Promise<void> {
    await this.#run(`write ${provisioningKeys.rolloutControl}`, () =>
      this.client.send(
        new PutObjectCommand({
          Bucket: this.bucket,
          Key: provisioningKeys.rolloutControl,
          Body: JSON.stringify(wanted),
          ContentType: "application/json",
        }),
      ),
    );
  }

  async #keys(folder: string): Promise<string[]> {
    return this.#run(`list ${folder}`, async () => {
      const found: string[] = [];
      const pages = paginateListObjectsV2({ client: this.client }, { Bucket: this.bucket, Prefix: folder });
      for await (const { Contents = [] } of pages) found.push(...Contents.flatMap(({ Key }) => Key ?? []));
      return found;
    });
  }

  async #get(key: string): Promise<string | undefined> {
    return this.#run(`read ${key}`, async () => {
      try {
        const { Body } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
        return await Body?.transformToString();
      } catch (error) {
        if ((error as Error).name === "NoSuchKey") return undefined;
        throw error;
      }
    });
  }

  #parsed<T>(key: string, schema: z.ZodType<T>, text: string): T {
    try {
      return schema.parse(JSON.parse(text));
    } catch {
      throw new OperatorError(`${key} in the bucket ${this.bucket} is damaged`, {
        cause: "no node applies a new bundle while it is",
        fix: `aws s3 rm s3://${this.bucket}/${key}`,
      });
    }
  }

  async #run<T>(what: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw explainAwsError(error, `cannot ${what} in the bucket ${this.bucket}`, this.region, needs);
    }
  }
}
