// An OpenID provider: `node provider.mjs PORT KEYS [LOGOUT]`.
//
// KEYS is a file. Each start puts a new key in front of those in it and signs with that one, so
// that a restart is a rotation. LOGOUT is where it posts its logout tokens. People log in with any
// password. Prints `ready` when it listens.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

const [port, file, logout] = process.argv.slice(2);
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

// What people log in with: programs on their own machines, which have no secret and need PKCE (RFC 8252).
const app = (client_id, backchannel_logout_session_required) => ({
  client_id,
  token_endpoint_auth_method: 'none',
  application_type: 'native',
  grant_types: ['authorization_code'],
  redirect_uris: ['http://127.0.0.1/callback'],
  response_types: ['code'],
  ...(logout && { backchannel_logout_uri: logout, backchannel_logout_session_required }),
});

const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks: { keys },
  clients: [
    client('orders-cli', ['client_credentials']),
    client('orders-api', []),
    app('orders-web', true),
    app('orders-app', false),
  ],
  // The session, where the client is told about it: `orders-web` is, `orders-app` is not.
  extraTokenClaims: (ctx) => {
    const sid = ctx.oidc.entities.AuthorizationCode?.sid;
    return sid && { sid };
  },
  // Without the dispatcher that keeps it from loopback, where the service of the tests is.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  features: {
    backchannelLogout: { enabled: Boolean(logout) },
    clientCredentials: { enabled: true },
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
