"""Resources and patches of them, one JSON object a line: `{resource_type, leniency, resource, patch}`.

    python cases.py COUNT SEED > cases.jsonl

Most patches are well-formed; some name what is not there, have a value of another type or no value. Only the strict
cases ask for what the standard does not have.
"""

import json
import random
import sys

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

TEXTS = ["a", "A", "b", "Ada Lovelace", "É", "é"]
TYPES = ["work", "home", "other"]
SINGLE = ["title", "nickName", "displayName", "userType", "locale", "userName"]
NAME_PARTS = ["familyName", "givenName", "formatted"]
ENTERPRISE_PARTS = ["department", "employeeNumber", "organization"]
# Attribute, what its `value` may be, which other parts it has.
PLURAL = {
    "emails": (["ada@work.example", "ada@home.example", "b@home.example"], ["type", "display", "primary"]),
    "phoneNumbers": (["tel:+1", "tel:+2", "tel:+3"], ["type", "display", "primary"]),
    "roles": (["r1", "r2", "r3"], ["type", "display", "primary"]),
    "entitlements": (["e1", "e2", "e3"], ["display", "primary"]),
}
ADDRESS_PARTS = ["locality", "region", "country"]
MEMBERS = ["m1", "m2", "m3", "m4", "m5"]


class Cases:
    def __init__(self, seed):
        self.dice = random.Random(seed)

    def chance(self, of):
        return self.dice.random() < of

    def pick(self, values):
        return self.dice.choice(values)

    def case(self):
        leniency = self.pick(["strict", "interop"])
        if self.chance(0.3):
            resource = {"schemas": [GROUP], "displayName": "Engineers"}
            if self.chance(0.9):
                resource["members"] = self.members()
            operation = self.group_operation
            name = "Group"
        else:
            resource = self.user()
            operation = self.user_operation
            name = "User"
        operations = [operation(leniency) for _ in range(self.pick([1, 1, 1, 2, 3, 4]))]
        patch = {"schemas": [PATCH_OP], "Operations": operations}
        return {"resource_type": name, "leniency": leniency, "resource": resource, "patch": patch}

    def user(self):
        user = {"schemas": [USER], "userName": "ada"}
        for name in SINGLE[:-1]:
            if self.chance(0.4):
                user[name] = self.pick(TEXTS)
        if self.chance(0.5):
            user["active"] = self.chance(0.5)
        if self.chance(0.6):
            user["name"] = self.parts(NAME_PARTS)
        for name in PLURAL:
            if self.chance(0.6):
                user[name] = self.values(name)
        if self.chance(0.5):
            user["addresses"] = [self.address() for _ in range(self.pick([1, 2]))]
        if self.chance(0.5):
            user["schemas"].append(ENTERPRISE)
            user[ENTERPRISE] = self.parts(ENTERPRISE_PARTS)
            if self.chance(0.5):
                user[ENTERPRISE]["manager"] = {"value": self.pick(MEMBERS)}
        return user

    def parts(self, names):
        parts = {name: self.pick(TEXTS) for name in names if self.chance(0.6)}
        return parts or {names[0]: "a"}

    def value(self, name):
        values, others = PLURAL[name]
        value = {"value": self.pick(values)}
        if "type" in others and self.chance(0.8):
            value["type"] = self.pick(TYPES)
        if self.chance(0.3):
            value["display"] = self.pick(TEXTS)
        return value

    def values(self, name):
        """No value twice, one primary one at most."""
        values = []
        for _ in range(self.pick([0, 1, 1, 2, 3])):
            value = self.value(name)
            if all(value["value"] != other["value"] for other in values):
                values.append(value)
        if values and self.chance(0.5):
            self.pick(values)["primary"] = True
        return values

    def address(self):
        return self.parts(ADDRESS_PARTS) | {"type": self.pick(TYPES)}

    def members(self):
        chosen = self.dice.sample(MEMBERS, self.pick([0, 1, 2, 3, 4]))
        return [{"value": member} for member in chosen]

    def group_operation(self, leniency):
        member = self.pick(MEMBERS)
        forms = [
            {"op": "add", "path": "members", "value": self.members()},
            {"op": "add", "value": {"members": self.members()}},
            {"op": "replace", "path": "members", "value": self.members()},
            {"op": "replace", "value": {"displayName": "New", "members": self.members()}},
            {"op": "replace", "value": {"displayName": self.pick(TEXTS)}},
            {"op": "replace", "path": "displayName", "value": self.pick(TEXTS)},
            {"op": "remove", "path": "members"},
            {"op": "remove", "path": f'members[value eq "{member}"]'},
            {"op": "remove", "path": f'members[value eq "{member}" or value eq "m1"]'},
            {"op": "remove", "path": f'members[not (value eq "{member}")]'},
            {"op": "remove", "path": f"{GROUP}:members"},
            {"op": "replace", "path": "externalId", "value": self.pick(TEXTS)},
            {"op": "remove", "path": "externalId"},
            {"op": "remove", "path": "displayName"},
            {"op": "remove", "path": "members", "value": self.members()},
            {"op": "Remove", "path": "members", "value": [{"value": member}]},
        ]
        return self.spoiled(self.pick(forms), leniency)

    def user_operation(self, leniency):
        forms = [self.on_single, self.on_name, self.on_extension, self.on_many, self.on_some, self.on_some]
        forms += [self.on_some_part, self.on_some_part, self.without_path, self.on_address]
        return self.spoiled(self.pick(forms)(), leniency)

    def spoiled(self, operation, leniency):
        """Something wrong, rarely."""
        if not self.chance(0.06):
            return operation
        spoil = self.pick(["path", "op", "value", "no value", "type", "part", "read-only"])
        if spoil == "path":
            operation["path"] = self.pick(["colour", "name.colour", "emails[colour eq \"a\"]", "emails[", "a b", ""])
        elif spoil == "op":
            operation["op"] = self.pick(["ADD", "Replace", "set", "delete"])
        elif spoil == "value":
            operation["value"] = None
        elif spoil == "no value":
            operation.pop("value", None)
        elif spoil == "type":
            operation["value"] = self.pick([7, [7], {"a": 1}, "text", True])
        elif spoil == "part":
            operation = {"op": "replace", "path": "name", "value": {"familyName": "x", "colour": "y"}}
        else:
            operation = {"op": self.pick(["add", "replace", "remove"]), "path": self.pick(["id", "meta", "groups"])}
            operation["value"] = "x"
        return operation

    def changing(self, path, value):
        op = self.pick(["add", "replace", "remove"])
        operation = {"op": op, "path": path}
        if op != "remove":
            operation["value"] = value
        return operation

    def on_single(self):
        if self.chance(0.2):
            return self.changing("active", self.chance(0.5))
        name = self.pick(SINGLE)
        path = self.pick([name, name, name.upper(), f"{USER}:{name}"])
        return self.changing(path, self.pick(TEXTS))

    def on_name(self):
        if self.chance(0.5):
            return self.changing("name", self.parts(NAME_PARTS))
        return self.changing(f"name.{self.pick(NAME_PARTS)}", self.pick(TEXTS))

    def on_extension(self):
        form = self.pick(["part", "manager", "manager value", "whole", "in value"])
        if form == "part":
            return self.changing(f"{ENTERPRISE}:{self.pick(ENTERPRISE_PARTS)}", self.pick(TEXTS))
        if form == "manager":
            return self.changing(f"{ENTERPRISE}:manager", {"value": self.pick(MEMBERS)})
        if form == "manager value":
            return self.changing(f"{ENTERPRISE}:manager.value", self.pick(MEMBERS))
        if form == "whole":
            return self.changing(ENTERPRISE, self.parts(ENTERPRISE_PARTS))
        return {"op": self.pick(["add", "replace"]), "value": {ENTERPRISE: self.parts(ENTERPRISE_PARTS)}}

    def on_many(self):
        name = self.pick(list(PLURAL))
        return self.changing(self.pick([name, f"{USER}:{name}"]), self.values(name))

    def condition(self, name):
        values, others = PLURAL[name]
        value = f'value {self.pick(["eq", "eq", "ne", "co", "sw"])} "{self.pick(values)}"'
        kind = f'type eq "{self.pick(TYPES)}"' if "type" in others else "display pr"
        return self.pick(
            [
                kind,
                kind,
                value,
                value,
                f"{kind} and {value}",
                f"{kind} or {value}",
                f"not ({kind})",
                "primary eq true",
                "display pr",
                "display eq null",
            ]
        )

    def on_some(self):
        name = self.pick(list(PLURAL))
        return self.changing(f"{name}[{self.condition(name)}]", self.value(name))

    def on_some_part(self):
        name = self.pick(list(PLURAL))
        values, others = PLURAL[name]
        part = self.pick(["value", *others])
        value = {
            "value": self.pick(values),
            "type": self.pick(TYPES),
            "display": self.pick(TEXTS),
            "primary": self.chance(0.7),
        }[part]
        return self.changing(f"{name}[{self.condition(name)}].{part}", value)

    def on_address(self):
        if self.chance(0.5):
            return self.changing("addresses", [self.address()])
        part = self.pick(ADDRESS_PARTS)
        return self.changing(f'addresses[type eq "{self.pick(TYPES)}"].{part}', self.pick(TEXTS))

    def without_path(self):
        value = {}
        if self.chance(0.5):
            value[self.pick(SINGLE)] = self.pick(TEXTS)
        if self.chance(0.3):
            value["name"] = self.parts(NAME_PARTS)
        if self.chance(0.4):
            name = self.pick(list(PLURAL))
            value[name] = self.values(name)
        if self.chance(0.2):
            value["active"] = self.chance(0.5)
        if self.chance(0.1):
            value["title"] = None
        return {"op": self.pick(["add", "replace"]), "value": value}


def main():
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    cases = Cases(seed)
    for _ in range(count):
        print(json.dumps(cases.case(), ensure_ascii=False))


if __name__ == "__main__":
    main()
