// A real OpenID provider with CIBA for the tests: node ciba_provider.mjs PORT JWK PING. The customer's app is POST /app/approve/ID.
import { createServer } from "node:http";
import Provider, { errors } from "oidc-provider";

const [port, jwk, ping] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const base = { grant_types: ["urn:openid:params:grant-type:ciba"], response_types: [], redirect_uris: [], require_auth_time: true };
const secret = { client_secret: "s".repeat(20), backchannel_token_delivery_mode: "poll" };
const customers = ["mira", "jonas"];
const asked = [];  // what the apps show: {id, hint, message}

const provider = new Provider(issuer, {
  clients: [
    { ...base, ...secret, client_id: "line-basic" },
    { ...base, ...secret, client_id: "line-post", token_endpoint_auth_method: "client_secret_post" },
    { ...base, ...secret, client_id: "line-user-code", backchannel_user_code_parameter: true },
    { ...base, client_id: "line-key", token_endpoint_auth_method: "private_key_jwt", token_endpoint_auth_signing_alg: "ES256",
      jwks: { keys: [JSON.parse(jwk)] }, backchannel_token_delivery_mode: "poll" },
    ...(ping ? [{ ...base, ...secret, client_id: "line-ping", backchannel_token_delivery_mode: "ping",
      backchannel_client_notification_endpoint: ping }] : []),
  ],
  clientAuthMethods: ["client_secret_basic", "client_secret_post", "private_key_jwt"],
  acrValues: ["urn:test:high", "urn:test:low"],
  claims: { openid: ["sub"], acr: null, auth_time: null, iss: null },
  findAccount: (_context, id) => customers.includes(id) && { accountId: id, claims: () => ({ sub: id }) },
  fetch: (address, { dispatcher, ...options }) => fetch(address, options),  // a test's ping goes to this machine
  features: {
    devInteractions: { enabled: false },
    ciba: {
      enabled: true, deliveryModes: ["poll", "ping"],
      processLoginHint: async (_context, hint) => customers.includes(hint) ? hint : undefined,
      processLoginHintToken: async (_context, token) => JSON.parse(Buffer.from(token, "base64")).uuid,
      verifyUserCode: async (context, _account, code) => {
        if (context.oidc.client.backchannelUserCodeParameter && !code) throw new errors.MissingUserCode("a code is needed");
      },
      validateRequestContext: async () => {},
      triggerAuthenticationDevice: async (context, request) => {
        asked.push({ id: request.jti, hint: request.accountId, message: request.params.binding_message });
      },
    },
  },
});

async function app(deed, id) {
  const request = await provider.BackchannelAuthenticationRequest.find(id);
  if (deed === "deny") return provider.backchannelResult(request, new errors.AccessDenied("no"));
  const grant = new provider.Grant({ accountId: request.accountId, clientId: request.clientId });
  grant.addOIDCScope(request.scope);
  await grant.save();
  const acr = deed === "approve-low" ? "urn:test:low" : "urn:test:high";
  return provider.backchannelResult(request, grant, { acr, authTime: Math.floor(Date.now() / 1000) });
}

const callback = provider.callback();
provider.on("server_error", (_context, error) => console.error("provider:", error));
createServer(async (request, response) => {
  const deed = request.url.match(/^\/app\/(approve-low|approve|deny|shown)\/?(.*)$/);
  if (!deed) return callback(request, response);
  try {
    if (deed[1] !== "shown") await app(deed[1], deed[2]);
    response.end(JSON.stringify(asked));
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
}).listen(Number(port), "127.0.0.1", () => console.log("ready"));
