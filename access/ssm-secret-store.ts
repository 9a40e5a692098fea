import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  paginateGetParametersByPath,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import { OperatorError } from "../common/errors.ts";
import { explainAwsError } from "./explain-aws-error.ts";
import type { SecretStore } from "./secret-store.ts";

/** Size limit of a standard parameter, which is free of charge. */
const maxBytes = 4096;

/** Secrets as SecureString parameters of AWS Systems Manager, encrypted with the account's default key for them. */
export class SsmSecretStore implements SecretStore {
  constructor(private readonly client: SSMClient) {}

  async get(path: string): Promise<string | undefined> {
    return this.#run(`read ${path}`, async () => {
      try {
        const { Parameter } = await this.client.send(new GetParameterCommand({ Name: path, WithDecryption: true }));
        return Parameter?.Value;
      } catch (error) {
        if (isNamed(error, "ParameterNotFound")) return undefined;
        throw error;
      }
    });
  }

  async create(path: string, value: string): Promise<boolean> {
    return this.#run(`create ${path}`, async () => {
      try {
        await this.#write(path, value, false);
        return true;
      } catch (error) {
        if (isNamed(error, "ParameterAlreadyExists")) return false;
        throw error;
      }
    });
  }

  async put(path: string, value: string): Promise<void> {
    await this.#run(`write ${path}`, () => this.#write(path, value, true));
  }

  async list(folder: string): Promise<string[]> {
    return this.#run(`list ${folder}`, async () => {
      const names: string[] = [];
      const pages = paginateGetParametersByPath({ client: this.client }, { Path: folder, Recursive: true });
      for await (const { Parameters = [] } of pages) names.push(...Parameters.flatMap(({ Name }) => Name ?? []));
      return names.sort();
    });
  }

  async delete(path: string): Promise<void> {
    await this.#run(`delete ${path}`, async () => {
      try {
        await this.client.send(new DeleteParameterCommand({ Name: path }));
      } catch (error) {
        if (!isNamed(error, "ParameterNotFound")) throw error;
      }
    });
  }

  async #write(path: string, value: string, overwrite: boolean): Promise<void> {
    const bytes = Buffer.byteLength(value);
    if (bytes > maxBytes) {
      throw new OperatorError(`${path} would have ${bytes} bytes, but a standard SSM parameter holds ${maxBytes}`, {
        fix: "remove users or names that are not needed",
      });
    }
    await this.client.send(
      new PutParameterCommand({
        Name: path,
        Value: value,
        Type: "SecureString",
        Tier: "Standard",
        Overwrite: overwrite,
      }),
    );
  }

  async #run<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof OperatorError) throw error;
      throw explainAwsError(error, `cannot ${what}`, await regionOf(this.client));
    }
  }
}

async function regionOf(client: SSMClient): Promise<string> {
  return client.config.region().catch(() => "(none)");
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
