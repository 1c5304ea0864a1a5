// An OpenID provider that believes everybody, for tests: node server.mjs
//
// It prints "issuer URL", takes one line of JSON, the metadata of its one client, prints
// "ready" and answers until its input ends. Whoever signs in with a login is the person
// with that subject and that address.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import Provider from 'oidc-provider';

function start(issuer, client) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return new Provider(issuer, {
    clients: [client],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' }] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (ctx, login) => ({
      accountId: login,
      claims: () => ({ sub: login, email: login, email_verified: true, name: login.split('@')[0] }),
    }),
    features: { devInteractions: { enabled: true } },
  });
}

const server = createServer();
const lines = createInterface({ input: process.stdin });
lines.on('close', () => process.exit(0));

server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  lines.once('line', (line) => {
    server.on('request', start(issuer, JSON.parse(line)).callback());
    console.log('ready');
  });
  console.log(`issuer ${issuer}`);
});
