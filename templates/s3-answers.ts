/** The parts of S3's responses that clients must not see. */

const words = (text: string) => text.trim().split(/\s+/);

/** Header names, without the prefix `x-amz-`. */
const ofAmazon = words(`
  id-2 request-id request-charged bucket-region version-id delete-marker expiration restore
  archive-status storage-class replication-status missing-meta mp-parts-count tagging-count
  website-redirect-location error-code error-message error-detail-Key transition-default-minimum-object-size
  object-lock-mode object-lock-retain-until-date object-lock-legal-hold object-size object-attributes
  server-side-encryption server-side-encryption-aws-kms-key-id server-side-encryption-bucket-key-enabled
  server-side-encryption-context server-side-encryption-customer-algorithm
  server-side-encryption-customer-key-MD5 abort-date abort-rule-id copy-source-version-id
  checksum-crc32 checksum-crc32c checksum-crc64nvme checksum-sha1 checksum-sha256 checksum-type`);

/** Headers to hide: all that AWS documents for GetObject, and common ones that any server may add. */
export const headersOfS3 = [
  ...words(`
    Content-Type Content-Disposition Content-Encoding Content-Language ETag Expires Last-Modified
    Cache-Control Pragma Set-Cookie Vary Age Via Location Link Strict-Transport-Security
    Access-Control-Allow-Origin Access-Control-Allow-Credentials Access-Control-Allow-Methods
    Access-Control-Expose-Headers Access-Control-Max-Age WWW-Authenticate x-cache`),
  ...ofAmazon.map((name) => `x-amz-${name}`),
];

/** Statuses without a blob. The registry itself has already answered requests for a range that does not exist (416). */
export const failuresOfS3 = words(`
  300 301 302 303 304 305 307 308
  400 401 402 403 404 405 406 407 408 409 410 411 412 413 414 415 416 417 418
  421 422 423 424 425 426 428 429 431 451
  500 501 502 503 504 505 506 507 508 510 511`);
