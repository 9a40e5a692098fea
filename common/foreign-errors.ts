import { tmpdir } from "node:os";
import { OperatorError } from "./errors.ts";
import { goneFolder, noTemporaryFolder } from "./startup-messages.js";
import { meaningOf, noAnswer } from "./system-errors.ts";

/** Fields that Node and libraries set on their errors. */
interface ForeignError extends Error {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly path?: unknown;
  readonly input?: unknown;
  readonly address?: unknown;
  readonly hostname?: unknown;
  readonly port?: unknown;
}

const certificateCodes =
  /^(CERT_|ERR_TLS_CERT|ERR_SSL|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_OSSL)/;

/**
 * Translates errors of Node and of libraries into the operator's terms. No other place does.
 *
 * @returns undefined for our own kinds of errors and for plain ones, which are readable already
 */
export function inOurWords(error: unknown): OperatorError | undefined {
  if (!(error instanceof Error) || error instanceof OperatorError) return undefined;
  return systemFailure(error) ?? inputFailure(error) ?? ownFault(error);
}

/** How to mend an error that nobody has foreseen. */
export const unforeseenFix =
  "mend what is named above; if that does not help, report it with the command line and this output";

/** Any failure, with what is wrong and how to mend it. */
export function asOperatorError(error: unknown): OperatorError {
  if (error instanceof OperatorError) return error;
  return inOurWords(error) ?? new OperatorError(wordsOf(error), { fix: unforeseenFix });
}

/** Some of Node's network errors have a code and no message. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}

/** Why something failed, in one line, for use within another message. */
export function whyOf(error: unknown): string {
  return asOperatorError(error).message.split("\n")[0] as string;
}

/** A failure that the operating system reports. */
function systemFailure(error: ForeignError): OperatorError | undefined {
  const { code, syscall = "", name } = error;
  if (name === "TimeoutError") return new OperatorError(noAnswer.problem, { fix: noAnswer.fix });
  if (syscall === "uv_cwd") return new OperatorError(goneFolder.problem, { fix: goneFolder.fix });
  if (String(syscall).startsWith("spawn") && code === "ENOENT") return noProgram(String(error.path));
  if (syscall === "mkdtemp") {
    const { problem, fix } = noTemporaryFolder(tmpdir());
    return new OperatorError(problem, { cause: meaningOf(code)?.problem, fix });
  }
  if (typeof code === "string" && certificateCodes.test(code)) {
    return new OperatorError("the certificate of the server is not trusted, or TLS fails", {
      fix: "check the address, this machine's clock, and the authorities that it trusts (SSL_CERT_FILE, NODE_EXTRA_CA_CERTS)",
    });
  }
  const meaning = meaningOf(code);
  if (!meaning) return undefined;
  const subject = subjectOf(error);
  return new OperatorError(subject ? `${subject}: ${meaning.problem}` : meaning.problem, { fix: meaning.fix });
}

/** What the error is about: a file, or the other side of a connection. */
function subjectOf({ path, address, hostname, port }: ForeignError): string {
  if (typeof path === "string") return path;
  const host = address ?? hostname;
  return host === undefined ? "" : [host, port].filter((part) => part !== undefined).join(":");
}

export function noProgram(program: string): OperatorError {
  return new OperatorError(`there is no program '${program}' on PATH`, {
    fix: `install ${program}, or add its folder to PATH`,
  });
}

/** Input that cannot be parsed. */
function inputFailure(error: ForeignError): OperatorError | undefined {
  if (error.code === "ERR_INVALID_URL") {
    return new OperatorError("something that must be a URL is not one", {
      fix: "check the URLs of the command line and of the environment (HTTPS_PROXY); a URL looks like https://host/path",
    });
  }
  if (error instanceof URIError) {
    return new OperatorError("a URL has a % that is not followed by two hexadecimal digits", {
      fix: "write %25 for a percent sign",
    });
  }
  return undefined;
}

/** A bug in our own code: an error of a kind that only faulty code throws. */
function ownFault(error: Error): OperatorError | undefined {
  const isUnexpected = [TypeError, RangeError, ReferenceError, SyntaxError, EvalError].some(
    (kind) => error instanceof kind,
  );
  if (!isUnexpected) return undefined;
  return new OperatorError("registry-cluster itself has failed", {
    cause: error.message.split("\n")[0],
    fix: "report it with the command line and this output",
  });
}
