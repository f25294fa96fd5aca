// Keeps bytes in the origin's private file system (OPFS): they survive a reload, and no one else sees them.

/** Writes a file whole: what was there before stays until all is written. */
export async function save(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const folder = await navigator.storage.getDirectory();
  const file = await folder.getFileHandle(name, { create: true });
  const writable = await file.createWritable();
  await writable.write(bytes);
  await writable.close();
}

/** Reads a file; undefined where there is none. */
export async function load(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const folder = await navigator.storage.getDirectory();
  try {
    const file = await (await folder.getFileHandle(name)).getFile();
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
    throw error;
  }
}
