/** A comment on a pull request, or a merge request. */
export interface ForgeComment {
  readonly id: number;
  readonly body: string;
  /** Who wrote it, as `Forge.whoAmI` names them. */
  readonly author: string;
}

/** What this program needs of GitHub and of GitLab. */
export interface Forge {
  /** The pull request, in words for messages. */
  readonly target: string;
  /** @returns who the token stands for. */
  whoAmI(): Promise<string>;
  /** @returns one page of comments, oldest first; pages are counted from 1, and one that is not full is the last. */
  comments(page: number): Promise<readonly ForgeComment[]>;
  create(body: string): Promise<void>;
  update(comment: ForgeComment, body: string): Promise<void>;
}

/** How many comments a page holds: the most that both forges give. */
export const pageSize = 100;

export type Posted = "created" | "updated" | "unchanged";

/**
 * Leaves exactly one comment with the marker. It finds what is there before it writes, so it may be run again after a
 * failure of which nobody knows whether the forge had already stored the comment.
 */
export async function postOnce(forge: Forge, marker: string, body: string): Promise<Posted> {
  const mine = await findComment(forge, marker);
  if (!mine) {
    await forge.create(body);
    return "created";
  }
  if (normalized(mine.body) === normalized(body)) return "unchanged";
  await forge.update(mine, body);
  return "updated";
}

/** Only the own comment counts: whoever may comment could write the marker, and would then hold the pen. */
async function findComment(forge: Forge, marker: string): Promise<ForgeComment | undefined> {
  const me = await forge.whoAmI();
  for (let page = 1; ; page++) {
    const comments = await forge.comments(page);
    const mine = comments.find(({ body, author }) => author === me && body.startsWith(marker));
    if (mine || comments.length < pageSize) return mine;
  }
}

/** Forges store other line ends, and none at the end. */
const normalized = (body: string) => body.replaceAll("\r\n", "\n").trimEnd();
