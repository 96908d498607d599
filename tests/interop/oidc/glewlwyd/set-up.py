"""Makes an OpenID provider of a freshly started Glewlwyd through its REST API: a plugin, two clients, one person.

set-up.py BASE KEY PUBLIC_KEY CLIENT_PUBLIC_KEY BASE_OF_THE_RELYING_PARTIES
"""

import base64
import json
import sys
import urllib.error
import urllib.request

base, key, public_key, client_key, rp_base = sys.argv[1:]
session = None


def call(method, path, value):
    global session
    request = urllib.request.Request(f"{base}/api/{path}", json.dumps(value).encode(), method=method)
    request.add_header("Content-Type", "application/json")
    if session:
        request.add_header("Cookie", session)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            cookie = answer.headers["Set-Cookie"]
            session = cookie.split(";")[0] if cookie else session
    except urllib.error.HTTPError as error:
        sys.exit(f"{method} {path}: {error.code} {error.read().decode()}")


def pem(path):
    with open(path, "rb") as file:
        text = base64.encodebytes(file.read()).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{text}-----END PUBLIC KEY-----\n"


def client(name, secret, **members):
    call("POST", "client/?source=database", {
        "client_id": name,
        "name": name,
        "password": secret,
        "confidential": True,
        "enabled": True,
        "scope": [],
        "redirect_uri": [f"{rp_base}{name}/callback"],
        "authorization_type": ["code", "refresh_token"],
        **members,
    })


with open(key) as file:
    private_key = file.read()

call("POST", "auth/", {"username": "admin", "password": "password"})

call("POST", "mod/plugin/", {
    "module": "oidc",
    "name": "oidc",
    "display_name": "OpenID Connect",
    "order_rank": 0,
    "enabled": True,
    "parameters": {
        "iss": f"{base}/api/oidc",
        "oauth-as-iss-id": True,
        "jwt-type": "rsa",
        "jwt-key-size": "256",
        "key": private_key,
        "cert": pem(public_key),
        "access-token-duration": 3600,
        "refresh-token-duration": 1209600,
        "code-duration": 600,
        "refresh-token-rolling": True,
        "auth-type-code-enabled": True,
        "auth-type-code-revoke-replayed": True,
        "auth-type-token-enabled": False,
        "auth-type-id-token-enabled": True,
        "auth-type-none-enabled": False,
        "auth-type-password-enabled": False,
        "auth-type-client-enabled": False,
        "auth-type-device-enabled": False,
        "auth-type-refresh-enabled": True,
        "jwks-show": True,
        "request-parameter-allow": True,
        "request-parameter-ietf-strict": True,
        "request-maximum-exp": 3600,
        "client-pubkey-parameter": "pubkey",
        "client-jwks-parameter": "jwks",
        "client-jwks_uri-parameter": "jwks_uri",
        "secret-type": "public",
        "address-claim": {"type": "no"},
        "name-claim": "mandatory",
        "email-claim": "mandatory",
        "scope-claim": "no",
        "claims": [],
        "allowed-scope": ["openid"],
        "pkce-allowed": True,
        "pkce-method-plain-allowed": False,
        "pkce-required": True,
        "introspection-revocation-allowed": True,
        "introspection-revocation-allow-target-client": True,
        "oauth-par-allowed": True,
        "oauth-par-required": False,
        "oauth-par-duration": 90,
        "oauth-par-request_uri-prefix": "urn:ietf:params:oauth:request_uri:",
    },
})

client("code", "the-secret-of-code", token_endpoint_auth_method=["client_secret_basic"])
client(
    "key",
    "the-secret-of-key",
    token_endpoint_auth_method=["private_key_jwt"],
    token_endpoint_signing_alg="RS256",
    request_object_signing_alg="RS256",
    pubkey=pem(client_key),
)

call("POST", "user/?source=database", {
    "username": "ada",
    "password": "countess",
    "name": "Ada Lovelace",
    "email": "ada@corp.example",
    "enabled": True,
    "scope": ["openid"],
})
