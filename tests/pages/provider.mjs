// A real OpenID provider for the tests: node provider.mjs PORT REDIRECT. Its development forms ask for a name and sign that in.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [port, redirect] = process.argv.slice(2);
const people = {
  alice: { email: "mira@example.com", email_verified: true, employee: "jonas" },
  bob: { email: "mira@example.com", email_verified: false },
  carol: { email: "carol@example.com", email_verified: true },
};
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "voicebot", client_secret: "s".repeat(20), redirect_uris: [redirect] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["employee"] },
  findAccount: (_context, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
  pkce: { required: () => true },
  cookies: { keys: ["for a test only"] },
  features: { devInteractions: { enabled: true } },
});
provider.on("server_error", (_context, error) => console.error("provider:", error));
createServer(provider.callback()).listen(Number(port), "127.0.0.1", () => console.log("ready"));
