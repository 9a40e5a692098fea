const leastRsaBits = 2048;

/** Characters that need no escaping in Terraform and shell text. */
const plainComment = /^[A-Za-z0-9@._+: -]*$/;

/** @returns the key's line with single spaces. A comment with unusual characters is dropped: nothing needs it. */
export function plainPublicKey(line: string): string {
  const [type = "", key = "", ...words] = line.trim().split(/\s+/);
  const comment = words.join(" ");
  return [type, key, ...(comment && plainComment.test(comment) ? [comment] : [])].join(" ");
}

/**
 * Decodes the line of an OpenSSH public key: one that was cut off when it was copied can still look valid, and would lock its owner
 * out of every node.
 *
 * @returns what is wrong with the key, or undefined when it is complete
 */
export function publicKeyDefect(line: string): string | undefined {
  const [type, base64 = ""] = line.split(" ");
  const fields = readFields(Buffer.from(base64, "base64"));
  if (!fields) return "it ends in the middle";

  const [innerType, ...numbers] = fields;
  if (innerType?.toString() !== type) return `it says ${type}, but contains another type of key`;
  if (type === "ssh-ed25519") {
    return numbers.length === 1 && numbers[0]!.length === 32 ? undefined : "an ssh-ed25519 key has 32 bytes";
  }
  if (numbers.length !== 2) return "an ssh-rsa key has two numbers";
  const bits = bitLength(numbers[1]!);
  return bits < leastRsaBits ? `it has only ${bits} bits` : undefined;
}

/** @returns the length-prefixed fields (RFC 4251, "string"), or undefined when the last one is cut off */
function readFields(bytes: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

function bitLength(number: Buffer): number {
  return BigInt(`0x0${number.toString("hex")}`).toString(2).length;
}
