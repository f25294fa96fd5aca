// Keeps bytes in IndexedDB, which every browser has: they survive a reload.

/** Writes bytes under a name, all or nothing. */
export async function save(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const database = await open();
  const transaction = database.transaction('models', 'readwrite');
  transaction.objectStore('models').put(bytes, name);
  await new Promise<void>((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve());
    transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('nothing was saved')));
  });
  database.close();
}

/** Reads the bytes of a name; undefined where there are none. */
export async function load(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const database = await open();
  const bytes = await done(database.transaction('models').objectStore('models').get(name));
  database.close();
  return bytes as Uint8Array<ArrayBuffer> | undefined;
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open('rxrnn', 1);
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore('models'));
  return done(request);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('the request failed')));
  });
}
