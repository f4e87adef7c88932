// Every grant with the certified openid-client. Reads what it needs as JSON from standard input, writes what came of it.

import { readFileSync } from 'node:fs';
import * as oidc from 'openid-client';
import { Browser } from './browser.mjs';

const given = JSON.parse(readFileSync(0, 'utf8'));
const server = new URL(given.server);
const insecure = { execute: [oidc.allowInsecureRequests] };
const found = {};

const configured = (app, authentication, metadata) =>
  oidc.discovery(server, app.client_id, metadata ?? app.secret ?? undefined, authentication, insecure);
const failed = async (work) => {
  try {
    await work;
    return 'nothing failed';
  } catch (error) {
    return error.error ?? error.cause?.error ?? error.code ?? String(error);
  }
};

async function asked(config, browser, more = {}, pushed = false) {
  const verifier = oidc.randomPKCECodeVerifier();
  const checks = { pkceCodeVerifier: verifier, expectedNonce: oidc.randomNonce(), expectedState: oidc.randomState() };
  const parameters = {
    redirect_uri: given.redirect_uri,
    scope: given.scope,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    nonce: checks.expectedNonce,
    state: checks.expectedState,
    ...more,
  };
  const url = pushed ? await oidc.buildAuthorizationUrlWithPAR(config, parameters) : oidc.buildAuthorizationUrl(config, parameters);
  return { checks, back: await browser.through(url) };
}

async function signed(config, browser, more, pushed) {
  const { checks, back } = await asked(config, browser, more, pushed);
  return oidc.authorizationCodeGrant(config, back, { ...checks, ...(more?.max_age ? { maxAge: Number(more.max_age) } : {}) });
}

const browser = new Browser(server.origin, given.person);
const basic = await configured(given.apps.basic, oidc.ClientSecretBasic(given.apps.basic.secret));

found.silent = await failed(signed(basic, browser, { prompt: 'none' }));
let tokens = await signed(basic, browser);
found.claims = tokens.claims();
found.userinfo = await oidc.fetchUserInfo(basic, tokens.access_token, tokens.claims().sub);
found.active = (await oidc.tokenIntrospection(basic, tokens.access_token)).active;
const renewed = await oidc.refreshTokenGrant(basic, tokens.refresh_token);
found.renewed = renewed.refresh_token !== tokens.refresh_token && renewed.claims().sub === tokens.claims().sub;
await oidc.tokenRevocation(basic, renewed.refresh_token);
found.revoked = [
  (await oidc.tokenIntrospection(basic, renewed.access_token)).active,
  await failed(oidc.refreshTokenGrant(basic, renewed.refresh_token)),
];
found.aged = (await signed(basic, browser, { max_age: '600' })).claims().auth_time > 0;
found.pushed = typeof (await signed(basic, browser, {}, true)).access_token;

const swapped = await asked(basic, browser);
found.swapped = await failed(
  oidc.authorizationCodeGrant(basic, swapped.back, { ...swapped.checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() }),
);
const twice = await asked(basic, browser);
await oidc.authorizationCodeGrant(basic, twice.back, twice.checks);
found.twice = await failed(oidc.authorizationCodeGrant(basic, twice.back, twice.checks));

const post = await configured(given.apps.post, oidc.ClientSecretPost(given.apps.post.secret));
found.post = typeof (await signed(post, browser)).id_token;

const key = await crypto.subtle.importKey('jwk', given.apps.jwt.jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
const jwt = await configured(given.apps.jwt, oidc.PrivateKeyJwt({ key, kid: given.apps.jwt.jwk.kid }), {});
found.jwt = typeof (await signed(jwt, browser)).id_token;
found.machine = (await oidc.clientCredentialsGrant(jwt, { scope: 'cohort:read' })).scope;

const native = await configured(given.apps.native, oidc.None(), {});
found.native = typeof (await signed(native, browser, { redirect_uri: 'http://127.0.0.1:54321/callback' })).access_token;

const device = await configured(given.apps.device, oidc.None(), {});
const begun = await oidc.initiateDeviceAuthorization(device, { scope: given.scope });
found.interval = begun.interval;
const page = await browser.visit(new URL(begun.verification_uri_complete));
let at = await browser.submit(page.page, { user_code: begun.user_code });
while (at.page.includes('<form')) at = await browser.submit(at.page, given.person);
const polled = await oidc.pollDeviceAuthorizationGrant(device, { ...begun, interval: 1 });
found.device = polled.claims().sub === found.claims.sub;

tokens = await signed(basic, browser);
const ending = oidc.buildEndSessionUrl(basic, {
  id_token_hint: tokens.id_token,
  post_logout_redirect_uri: given.post_logout_redirect_uri,
  state: 'bye',
});
found.ended = String(await browser.through(ending));
found.afterwards = await failed(signed(basic, browser, { prompt: 'none' }));

process.stdout.write(JSON.stringify(found));
