// An OpenID provider that nobody here wrote (npm oidc-provider), with a login page that asks for
// a name alone. Takes one JSON argument: library, port, issuer, redirect, home, kid, client.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const given = JSON.parse(process.argv[2]);
const { Provider } = await import(pathToFileURL(given.library).href);

function key(kind, options, alg, kid) {
  const { privateKey } = generateKeyPairSync(kind, options);
  return { ...privateKey.export({ format: "jwk" }), use: "sig", alg, kid };
}

const provider = new Provider(given.issuer, {
  clients: [
    {
      client_id: given.client,
      client_secret: "a secret of the tests, long enough for them",
      redirect_uris: [given.redirect],
      post_logout_redirect_uris: [given.home],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      id_token_signed_response_alg: given.alg,
      ...(given.ended
        ? { backchannel_logout_uri: given.ended, backchannel_logout_session_required: given.sid }
        : {}),
    },
  ],
  jwks: {
    keys: [
      key("rsa", { modulusLength: 2048 }, "RS256", `${given.kid}-rsa`),
      key("ec", { namedCurve: "P-256" }, "ES256", `${given.kid}-ec`),
    ],
  },
  cookies: { keys: ["a key of the tests"] },
  conformIdTokenClaims: false,
  claims: { openid: ["sub"], profile: ["preferred_username"] },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true }, backchannelLogout: { enabled: true } },
  // Its guard against private addresses is for providers of the internet; ours is of the intranet.
  fetch: (url, { dispatcher: _, ...options }) => globalThis.fetch(url, options),
  pkce: { required: () => true },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: `${id}@hospital` }),
  }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid profile");
    await grant.save();
    return grant;
  },
});

const page = `<!doctype html><html lang="en"><title>Hospital login</title><main><h1>Hospital login</h1>
<form method="post"><label>Name <input name="login" required></label><button>Log in</button></form></main>`;

async function interaction(request, response) {
  if (request.method === "GET") {
    response.setHeader("content-type", "text/html");
    response.end(page);
    return;
  }
  let body = "";
  for await (const part of request) body += part;
  const login = { accountId: new URLSearchParams(body).get("login") };
  await provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
}

const answer = provider.callback();
createServer((request, response) => {
  if (request.url.startsWith("/interaction/")) void interaction(request, response);
  else void answer(request, response);
}).listen(given.port, "127.0.0.1", () => console.log("ready"));
