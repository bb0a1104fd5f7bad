// An OpenID provider for a shop: `node provider.mjs PORT CALLBACK`. Prints `ready` when it listens.
//
// People log in with any password, under a name that says who they are; the till is a program with a
// secret. What they are goes into their access tokens as `roles`. The keys last as long as the process,
// which ends when its standard input does, and so with the program that started it.
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

const [port, callback] = process.argv.slice(2);
const { privateKey } = await generateKeyPair('ES256', { extractable: true });
const key = { ...(await exportJWK(privateKey)), kid: randomUUID(), use: 'sig', alg: 'ES256' };

const ROLES = { ada: ['admin'], mia: ['manager'], carl: ['clerk'], audrey: ['auditor'], till: ['clerk'] };

const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks: { keys: [key] },
  clients: [
    {
      client_id: 'till',
      client_secret: 'the secret of the till, long enough',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
    {
      client_id: 'browser',
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      grant_types: ['authorization_code'],
      redirect_uris: [callback],
      response_types: ['code'],
    },
  ],
  clientDefaults: { id_token_signed_response_alg: 'ES256' },
  enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
  claims: { openid: ['sub'], auth_time: null },
  cookies: { keys: [randomUUID()] },
  extraTokenClaims: (ctx, token) => ({
    roles: ROLES[token.accountId ?? token.clientId] ?? [],
    // When the person logged in, and how: the service asks for it before it pays back.
    ...(token.accountId && { auth_time: ctx.oidc.entities.AuthorizationCode.authTime, amr: ['pwd'] }),
  }),
  features: {
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'urn:orders',
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'read:orders write:orders read:access',
        audience: 'orders',
        accessTokenTTL: 300,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
});
process.stdin.resume().on('end', () => process.exit());
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
