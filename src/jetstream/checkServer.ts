import type { ServerInfo } from '@nats-io/transport-node';
import { visible } from '../check/visible.js';

/** The oldest server whose consumers have names. */
const OLDEST = [2, 9];

/** An Error where a server is too old, or was started without JetStream. */
export function checkServer({ version, jetstream }: ServerInfo): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0]! || (major === OLDEST[0] && minor < OLDEST[1]!)) {
    throw new Error(`its server is ${visible(version)}, and ${OLDEST.join('.')} or later is needed`);
  }
  if (jetstream !== true) throw new Error('it has no JetStream; start it with JetStream: nats-server -js');
}
