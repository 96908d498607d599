"""Canaille as an identity provider that pushes users and groups to the service at URL; prints a line for each cell.

usage: push.py URL TOKEN
"""

import datetime
import json
import sys
import urllib.parse
import urllib.request

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from joserfc.jwk import JWKRegistry

url, token = sys.argv[1:]
results = []


def service(path, **query):
    """What the service holds, read past Canaille."""
    target = f"{url}{path}" + ("?" + urllib.parse.urlencode(query) if query else "")
    request = urllib.request.Request(target, headers={"Authorization": "Bearer " + token})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["Resources"]


def user(name):
    found = service("/Users", filter=f'userName eq "{name}"')
    return found[0] if found else None


def group(name):
    found = service("/Groups", filter=f'displayName eq "{name}"')
    return found[0] if found else None


def members(name):
    return sorted(member["value"] for member in group(name).get("members", []))


def cell(name, passed, seen=None):
    results.append(bool(passed))
    print(f"canaille {name}: {'passed' if passed else f'FAILED, seen {seen}'}")


jwk = JWKRegistry.generate_key("RSA", 2048)
jwk.ensure_kid()
app = create_app(
    config={
        "TESTING": True,
        "ENV_FILE": None,
        "SECRET_KEY": "a key for tests",
        "WTF_CSRF_ENABLED": False,
        "PREFERRED_URL_SCHEME": "http",
        "SERVER_NAME": "localhost:5000",
        "CANAILLE": {"DATABASE": "memory", "JAVASCRIPT": False},
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [jwk.as_dict(private=True)], "TRUSTED_DOMAINS": ["127.0.0.1"]},
        "CANAILLE_SCIM": {"ENABLE_CLIENT": True},
    },
    env_file=None,
)

with app.app_context():
    backend = Backend.instance
    client = models.Client(
        client_id="admittance",
        client_name="admittance",
        client_uri=url,
        redirect_uris=["https://localhost/callback"],
        scope=["openid", "profile"],
    )
    backend.save(client)
    backend.save(
        models.Token(
            token_id="provisioning",
            access_token=token,
            subject=None,
            audience=[client],
            client=client,
            refresh_token="unused",
            scope=["openid", "profile"],
            issue_date=datetime.datetime.now(datetime.timezone.utc),
            lifetime=24 * 3600,
        )
    )

    ada = models.User(
        user_name="ada", formatted_name="Ada Byron", family_name="Byron", given_name="Ada", emails=["ada@example.com"]
    )
    backend.save(ada)
    seen = user("ada")
    cell("user-created", seen and seen["externalId"] == ada.id and seen["emails"][0]["value"] == "ada@example.com", seen)
    cell("password-not-shown", seen and "password" not in seen, seen)

    ada.given_name = "Augusta"
    backend.save(ada)
    seen = user("ada")
    cell("user-changed", seen and seen["name"]["givenName"] == "Augusta", seen)
    cell("one-user", len(service("/Users")) == 1, service("/Users"))

    grace = models.User(
        user_name="grace", formatted_name="Grace Hopper", family_name="Hopper", emails=["grace@example.com"]
    )
    backend.save(grace)
    team = models.Group(display_name="Team", members=[ada])
    backend.save(team)
    seen = group("Team")
    cell("group-created", seen and members("Team") == [user("ada")["id"]], seen)

    team.members = [ada, grace]
    backend.save(team)
    both = sorted(user(name)["id"] for name in ("ada", "grace"))
    cell("member-added", members("Team") == both, members("Team"))

    team.members = [grace]
    backend.save(team)
    cell("member-removed", members("Team") == [user("grace")["id"]], members("Team"))

    team.display_name = "Renamed"
    backend.save(team)
    cell("group-renamed", group("Team") is None and members("Renamed") == [user("grace")["id"]], group("Renamed"))

    grace.lock_date = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    backend.save(grace)
    seen = user("grace")
    cell("user-locked", seen and seen["active"] is False, seen)

    backend.delete(ada)
    cell("user-deleted", user("ada") is None, user("ada"))

    backend.delete(team)
    cell("group-deleted", group("Renamed") is None, group("Renamed"))

print(f"canaille: {sum(results)} passed, {len(results) - sum(results)} failed")
sys.exit(0 if all(results) else 1)
