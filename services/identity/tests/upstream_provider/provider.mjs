// An OpenID Provider for tests. CLIENTS is a list of client metadata, ACCOUNTS maps logins to claims, both JSON.
import { Provider } from 'oidc-provider';

const { PORT, URL: address, CLIENTS, ACCOUNTS } = process.env;
const accounts = JSON.parse(ACCOUNTS);

const provider = new Provider(address, {
  clients: JSON.parse(CLIENTS),
  claims: {
    openid: ['sub'],
    email: ['email', 'email_verified'],
    profile: ['name', 'given_name', 'family_name', 'locale', 'zoneinfo', 'preferred_username', 'groups'],
  },
  scopes: ['openid', 'email', 'profile', 'offline_access'],
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  cookies: { keys: ['only for tests'] },
  features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
  findAccount: (_, id) => (accounts[id] ? { accountId: id, claims: () => ({ sub: id, ...accounts[id] }) } : undefined),
});

provider.listen(Number(PORT), '127.0.0.1');
