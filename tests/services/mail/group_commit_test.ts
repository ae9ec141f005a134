import { GroupCommit } from "../../../services/mail/group_commit.ts";
import { assertEquals, assertRejects } from "../../assert.ts";

/** A disk whose flushes end when the test says so. */
class Disk {
  readonly flushes: PromiseWithResolvers<void>[] = [];

  flush = (): Promise<void> => {
    const flush = Promise.withResolvers<void>();
    this.flushes.push(flush);
    return flush.promise;
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

Deno.test("GroupCommit flushes once for all writers of one turn", async () => {
  const disk = new Disk();
  const commits = new GroupCommit(disk.flush);
  const all = Promise.all([commits.commit(), commits.commit(), commits.commit()]);
  await settle();
  assertEquals(disk.flushes.length, 1);
  disk.flushes[0]!.resolve();
  await all;
});

Deno.test("GroupCommit does not count a flush that began before the call", async () => {
  const disk = new Disk();
  const commits = new GroupCommit(disk.flush);
  const first = commits.commit();
  await settle();
  let done = 0;
  const later = [commits.commit(), commits.commit()].map((commit) => commit.then(() => done++));
  disk.flushes[0]!.resolve();
  await first;
  await settle();
  assertEquals([done, disk.flushes.length], [0, 2]);
  disk.flushes[1]!.resolve();
  await Promise.all(later);
});

Deno.test("GroupCommit fails those that a failed flush was to cover, and no others", async () => {
  const disk = new Disk();
  const commits = new GroupCommit(disk.flush);
  const first = assertRejects(() => commits.commit(), Error, "disk is full");
  await settle();
  const second = commits.commit();
  disk.flushes[0]!.reject(new Error("disk is full"));
  await first;
  await settle();
  disk.flushes[1]!.resolve();
  await second;
});
