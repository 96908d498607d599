// An OpenID provider of npm `oidc-provider`. Each relying party is a client of its own, known by its name.
//
// node server.js PORT DIRECTORY_OF_KEYS BASE_OF_THE_RELYING_PARTIES URL_FOR_LOGOUT_TOKENS
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

import Provider from 'oidc-provider';

const [port, keyDirectory, rpBase, logoutTokens] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const pem = (name) => readFileSync(path.join(keyDirectory, `${name}.key.pem`), 'utf8');
const ours = (name, members) => ({ ...createPrivateKey(pem(name)).export({ format: 'jwk' }), kid: name, ...members });
const theirs = (name, members) => ({
  ...createPublicKey(pem(name)).export({ format: 'jwk' }), kid: name, ...members,
});

// The keys before and after the rotation.
const generations = [
  [ours('rsa2048b', { use: 'sig' }), ours('p384', { use: 'sig' })],
  [ours('rsa4096', { use: 'sig' }), ours('p384', { use: 'sig' })],
];

const rp = (name, metadata) => ({
  client_id: name,
  client_secret: `the secret of ${name}: 100 % + : & more than 32 bytes`,
  redirect_uris: [`${rpBase}${name}/callback`],
  post_logout_redirect_uris: [`${rpBase}${name}/signed-out`],
  backchannel_logout_uri: `${logoutTokens}${name}`,
  backchannel_logout_session_required: true,
  grant_types: ['authorization_code', 'refresh_token'],
  jwks: { keys: [theirs('rsa2048', { use: 'sig' }), theirs('p256', { use: 'sig' })] },
  ...metadata,
});

const encryptedTo = (key, alg, enc) => ({
  jwks: { keys: [theirs('p256', { use: 'sig' }), theirs(key, { use: 'enc', kid: `${key}-enc` })] },
  id_token_encrypted_response_alg: alg,
  id_token_encrypted_response_enc: enc,
  userinfo_signed_response_alg: 'RS256',
  userinfo_encrypted_response_alg: alg,
  userinfo_encrypted_response_enc: enc,
});

const clients = [
  rp('basic', { token_endpoint_auth_method: 'client_secret_basic' }),
  rp('post', { token_endpoint_auth_method: 'client_secret_post' }),
  rp('secret-jwt', { token_endpoint_auth_method: 'client_secret_jwt' }),
  rp('public', { token_endpoint_auth_method: 'none' }),
  rp('key-jwt', { token_endpoint_auth_method: 'private_key_jwt' }),
  rp('par-dpop', {
    token_endpoint_auth_method: 'private_key_jwt',
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: true,
    id_token_signed_response_alg: 'ES384',
  }),
  rp('request-object', { token_endpoint_auth_method: 'private_key_jwt', request_object_signing_alg: 'ES256' }),
  rp('rsa-oaep', {
    token_endpoint_auth_method: 'private_key_jwt', ...encryptedTo('rsa2048', 'RSA-OAEP-256', 'A256GCM'),
  }),
  rp('ecdh', {
    token_endpoint_auth_method: 'private_key_jwt', ...encryptedTo('p256', 'ECDH-ES+A256KW', 'A128CBC-HS256'),
  }),
  rp('userinfo-signed', { token_endpoint_auth_method: 'client_secret_basic', userinfo_signed_response_alg: 'RS256' }),
];

const ada = {
  name: 'Ada Lovelace',
  preferred_username: 'ada',
  email: 'ada@corp.example',
  email_verified: true,
  groups: ['Developers', 'Reviewers'],
};

// What is stored is shared by both generations.
const stored = new Map();

class Adapter {
  constructor(model) {
    this.model = model;
  }

  key(id) {
    return `${this.model} ${id}`;
  }

  async upsert(id, payload) {
    stored.set(this.key(id), payload);
  }

  async find(id) {
    return stored.get(this.key(id));
  }

  async findByUid(uid) {
    return [...stored].find(([key, { uid: found }]) => key.startsWith(`${this.model} `) && found === uid)?.[1];
  }

  async consume(id) {
    stored.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    stored.delete(this.key(id));
  }

  async revokeByGrantId(grantId) {
    for (const [key, { grantId: found }] of stored) if (found === grantId) stored.delete(key);
  }
}

const configuration = (keys) => ({
  adapter: Adapter,
  clients,
  jwks: { keys },
  cookies: { keys: ['interop'] },
  claims: {
    openid: ['sub'],
    profile: ['name', 'preferred_username', 'groups'],
    email: ['email', 'email_verified'],
  },
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...ada }) }),
  // Consent is given beforehand.
  async loadExistingGrant(ctx) {
    const { client, session, provider } = ctx.oidc;
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid profile email offline_access');
    await grant.save();
    return grant;
  },
  // The default refuses loopback.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  enabledJWA: {
    idTokenSigningAlgValues: ['RS256', 'ES384'],
    userinfoSigningAlgValues: ['RS256'],
    idTokenEncryptionAlgValues: ['RSA-OAEP-256', 'ECDH-ES+A256KW'],
    userinfoEncryptionAlgValues: ['RSA-OAEP-256', 'ECDH-ES+A256KW'],
  },
  features: {
    devInteractions: { enabled: true },
    backchannelLogout: { enabled: true },
    claimsParameter: { enabled: true },
    dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true },
    encryption: { enabled: true },
    jwtUserinfo: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    requestObjects: { enabled: true },
    revocation: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        ctx.body = `${form.replace('</form>', '<input type="hidden" name="logout" value="yes"></form>')}`;
      },
    },
  },
});

const providers = generations.map((keys) => new Provider(issuer, configuration(keys)).callback());
let current = 0;

createServer((req, res) => {
  if (req.method === 'POST' && req.url === '/rotate-keys') {
    current = (current + 1) % providers.length;
    res.end();
  } else {
    providers[current](req, res);
  }
}).listen(Number(port), '127.0.0.1');
