"""The other side of tests/joserfc.rs: one JSON document on standard input, one on standard output.

make: tokens in every signature algorithm, encrypted tokens in every transport and content encryption.
read: which of the given tokens verify with which payload, and the thumbprints of the given keys.
"""

import json
import sys
import warnings

from joserfc import jwe, jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

warnings.simplefilter("ignore")

SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "Ed25519"]
HMACS = ["HS256", "HS384", "HS512"]
TRANSPORTS = ["RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"]
REFUSED_TRANSPORTS = ["RSA1_5", "dir", "A128KW", "ECDH-ES+A192KW"]
ENCRYPTIONS = ["A128GCM", "A192GCM", "A256GCM", "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512"]


def key_type(algorithm):
    if algorithm.startswith(("RS", "PS")):
        return ["rsa"]
    if algorithm == "ES256":
        return ["p256"]
    if algorithm == "ES384":
        return ["p384"]
    if algorithm.startswith("Ed"):
        return ["ed25519"]
    return ["p256", "p384"]


def import_private(name, pem):
    kind = {"rsa": RSAKey, "ed25519": OKPKey}.get(name, ECKey)
    return kind.import_key(pem)


def import_public(jwk):
    return {"RSA": RSAKey, "OKP": OKPKey, "EC": ECKey, "oct": OctKey}[jwk["kty"]].import_key(jwk)


def make(request):
    keys = {name: import_private(name, pem) for name, pem in request["keys"].items()}
    payload = request["payload"]
    signed, encrypted = [], []
    for algorithm in SIGNATURES:
        for name in key_type(algorithm):
            header = {"alg": algorithm, "kid": name}
            token = jws.serialize_compact(header, payload, keys[name], algorithms=[algorithm])
            signed.append({"algorithm": algorithm, "key": name, "token": token})
    secret = OctKey.import_key(request["secret"])
    for algorithm in HMACS:
        token = jws.serialize_compact({"alg": algorithm}, payload, secret, algorithms=[algorithm])
        signed.append({"algorithm": algorithm, "key": "secret", "token": token})
    for algorithm in TRANSPORTS + REFUSED_TRANSPORTS:
        for encryption in ENCRYPTIONS:
            for name in key_type(algorithm):
                key = keys[name]
                if algorithm == "dir":
                    key = OctKey.generate_key(key_size(encryption))
                elif algorithm == "A128KW":
                    key = OctKey.generate_key(128)
                header = {"alg": algorithm, "enc": encryption, "kid": name, "cty": "JWT"}
                if name == "p384" and algorithm.startswith("ECDH"):
                    header |= {"apu": "QWxpY2U", "apv": "Qm9i"}
                token = jwe.encrypt_compact(header, payload, key, algorithms=[algorithm, encryption])
                refused = algorithm in REFUSED_TRANSPORTS
                encrypted.append(
                    {"algorithm": algorithm, "encryption": encryption, "key": name, "refused": refused, "token": token}
                )
    return {"signed": signed, "encrypted": encrypted}


def key_size(encryption):
    return {"A128GCM": 128, "A192GCM": 192, "A256GCM": 256, "A128CBC-HS256": 256, "A192CBC-HS384": 384}.get(
        encryption, 512
    )


def read(request):
    keys = {name: import_public(jwk) for name, jwk in request["keys"].items()}
    payloads = []
    for entry in request["tokens"]:
        try:
            verified = jws.deserialize_compact(entry["token"], keys[entry["key"]], algorithms=SIGNATURES + HMACS)
            payloads.append(verified.payload.decode())
        except Exception as error:  # noqa: BLE001: whatever it is, the token does not verify.
            payloads.append({"error": f"{type(error).__name__}: {error}"})
    thumbprints = {name: key.thumbprint() for name, key in keys.items()}
    return {"payloads": payloads, "thumbprints": thumbprints}


if __name__ == "__main__":
    answer = {"make": make, "read": read}[sys.argv[1]]
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
