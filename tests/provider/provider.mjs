// An OpenID provider: `node provider.mjs PORT KEYS`.
//
// KEYS is a file. Each start puts a new key in front of those in it and signs with that one, so
// that a restart is a rotation. Prints `ready` when it listens.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

const [port, file] = process.argv.slice(2);
const { privateKey } = await generateKeyPair('RS256', { extractable: true });
const fresh = { ...(await exportJWK(privateKey)), kid: randomUUID(), use: 'sig', alg: 'RS256' };
const keys = [fresh, ...(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [])];
writeFileSync(file, JSON.stringify(keys));

const client = (client_id, grant_types) => ({
  client_id,
  client_secret: `secret of ${client_id}, long enough`,
  grant_types,
  redirect_uris: [],
  response_types: [],
});

const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks: { keys },
  clients: [client('orders-cli', ['client_credentials']), client('orders-api', [])],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: () => true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource) => ({
        scope: 'read:orders write:orders',
        audience: 'orders-api',
        accessTokenTTL: 300,
        accessTokenFormat: resource === 'urn:orders:opaque' ? 'opaque' : 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
    revocation: { enabled: true, allowedPolicy: () => true },
  },
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
