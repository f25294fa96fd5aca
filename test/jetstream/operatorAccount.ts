import { createHash } from 'node:crypto';
import { nkeys } from '@nats-io/transport-node';

/** Claims of a JSON Web Token as NATS signs them. */
type Claims = Readonly<Record<string, unknown>>;

/**
 * An operator with one account and one user: the configuration of a server that knows them, the user's credentials file,
 * and one that is signed by an account that the server does not know.
 */
export function operatorAccount(): {
  readonly configuration: string;
  readonly credentials: Uint8Array;
  readonly others: Uint8Array;
} {
  const operator = nkeys.createOperator();
  const [account, system, stranger] = [nkeys.createAccount(), nkeys.createAccount(), nkeys.createAccount()];
  const user = nkeys.createUser();
  const all = { subs: -1, data: -1, payload: -1, conn: -1, leaf: -1, imports: -1, exports: -1, wildcards: true };
  const stores = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const ofOperator = token(operator, operator, { type: 'operator', version: 2 });
  const ofAccount = token(operator, account, { type: 'account', version: 2, limits: { ...all, ...stores } });
  const ofSystem = token(operator, system, { type: 'account', version: 2, limits: all });
  const file = (by: nkeys.KeyPair): Uint8Array => {
    const jwt = token(by, user, { type: 'user', version: 2, pub: {}, sub: {}, subs: -1, data: -1, payload: -1 });
    const seed = new TextDecoder().decode(user.getSeed());
    return new TextEncoder().encode(
      `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n` +
        `-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
    );
  };
  return {
    configuration: `operator: ${ofOperator}
system_account: ${system.getPublicKey()}
resolver: MEMORY
resolver_preload: { ${account.getPublicKey()}: ${ofAccount}, ${system.getPublicKey()}: ${ofSystem} }`,
    credentials: file(account),
    others: file(stranger),
  };
}

function token(issuer: nkeys.KeyPair, subject: nkeys.KeyPair, nats: Claims): string {
  const [iss, sub] = [issuer.getPublicKey(), subject.getPublicKey()];
  const claims = { iat: 1_700_000_000, iss, name: 'test', sub, nats };
  const jti = createHash('sha256').update(JSON.stringify(claims)).digest('hex').slice(0, 52).toUpperCase();
  const head = encode({ typ: 'JWT', alg: 'ed25519-nkey' });
  const body = `${head}.${encode({ jti, ...claims })}`;
  return `${body}.${Buffer.from(issuer.sign(new TextEncoder().encode(body))).toString('base64url')}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
