"""Applies the patches of `cases.py` by scim2-models and compares with what the crate made of them.

    python compare.py CASES RESULTS

Prints how often both agree, each known difference by its name with how often it occurs, and every other difference.
Exit status 1 for any of those.
"""

import json
import sys
from collections import Counter
from itertools import product

from cases import ADDRESS_PARTS, ENTERPRISE, PLURAL
from pydantic import ValidationError
from scim2_models import Context, EnterpriseUser, Group, PatchOp, SCIMException, ScimPolicy, User

MODELS = {"User": User[EnterpriseUser], "Group": Group}
STRICT = ScimPolicy()
INTEROP = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)


def theirs(case):
    model = MODELS[case["resource_type"]]
    policy = STRICT if case["leniency"] == "strict" else INTEROP
    try:
        with policy:
            resource = model.model_validate(case["resource"])
            patch = PatchOp[model].model_validate(case["patch"], scim_ctx=Context.RESOURCE_PATCH_REQUEST)
            patch.patch(resource)
            return {"after": resource.model_dump(mode="json")}
    except SCIMException as error:
        return {"error": error.scim_type, "detail": str(error)}
    except ValidationError as error:
        first = error.errors()[0]
        return {"error": first.get("ctx", {}).get("scim_type", "invalidValue"), "detail": str(first["msg"])}


def plain(value):
    """The one form of a resource: nothing empty, and no order where there is none."""
    if isinstance(value, dict):
        parts = {name: plain(part) for name, part in value.items() if name not in ("schemas", "$ref")}
        return {name: part for name, part in sorted(parts.items()) if part not in (None, [], {})}
    if isinstance(value, list):
        values = [plain(one) for one in value]
        return sorted((one for one in values if one not in (None, {})), key=json.dumps)
    return value


def same(ours, other):
    if "after" in ours and "after" in other:
        return plain(ours["after"]) == plain(other["after"])
    return ours.get("error") == other.get("error") and "error" in ours and "error" in other


def refused(answer, scim_type=None):
    return "error" in answer and scim_type in (None, answer["error"])


def operations(case):
    return case["patch"]["Operations"]


def agrees_when(*rewrites):
    """Whether the other implementation gives what ours does, once some operations say what ours takes them to mean."""

    def explains(case, ours, other):
        choices = []
        for operation in operations(case):
            rewritten = operation
            for rewrite in rewrites:
                rewritten = rewritten and rewrite(rewritten)
            choices.append([operation] if rewritten == operation else [operation, rewritten])
        for changed in product(*choices):
            kept = [operation for operation in changed if operation]
            # No case has an `externalId` to begin with.
            patch = case["patch"] | {"Operations": kept or [{"op": "remove", "path": "externalId"}]}
            if same(ours, theirs(case | {"patch": patch})):
                return True
        return False

    return explains


def does(operation, op):
    return operation["op"].lower() == op


def has_value(operation):
    return operation.get("value") is not None


def match_replaced(operation):
    """A value that replaces the one a filter finds has the parts that it names and no others."""
    path, value = operation.get("path") or "", operation.get("value")
    if not does(operation, "replace") or not path.endswith("]") or not isinstance(value, dict):
        return operation
    name = path.split("[")[0].split(":")[-1]
    parts = ADDRESS_PARTS + ["type"] if name == "addresses" else ["value", *PLURAL[name][1]]
    return operation | {"value": {part: value.get(part) for part in parts}}


def match_unassigned(operation):
    """A match, its part or an extension that null replaces is unassigned."""
    path = operation.get("path") or ""
    if does(operation, "replace") and not has_value(operation) and ("[" in path or path == ENTERPRISE):
        return {"op": "remove", "path": path}
    return operation


def nothing_added(operation):
    """Adding no value adds nothing."""
    if not does(operation, "add"):
        return operation
    if not has_value(operation):
        return None
    if isinstance(operation["value"], dict):
        kept = {name: part for name, part in operation["value"].items() if part is not None}
        return operation | {"value": kept}
    return operation


def manager_removed(operation):
    """A value left empty is dropped, and no case has a manager with more than a `value`."""
    path = operation.get("path") or ""
    if path.endswith(":manager.value") and (does(operation, "remove") or not has_value(operation)):
        return {"op": "remove", "path": path.removesuffix(".value")}
    return operation


def removal_without_value(operation):
    if does(operation, "remove"):
        return {name: part for name, part in operation.items() if name != "value"}
    return operation


def has_note(*codes):
    return lambda case, ours, other: any(code in codes for code in ours.get("notes", []))


def paths_named(case, detail):
    """The paths with a filter that a detail can mean: it shows `emails[…]` and nothing of the filter."""
    paths = [operation.get("path") or "" for operation in operations(case)]
    return [path for path in paths if "[" in path and f"{path.split('[')[0]}[…]" in detail]


# Name, the rule that ours follows, and which differences it explains.
KNOWN = [
    (
        "op in another case",
        "L1: strict mode refuses it",
        lambda case, ours, other: case["leniency"] == "strict"
        and refused(ours, "invalidSyntax")
        and any(operation["op"] not in ("add", "replace", "remove") for operation in operations(case)),
    ),
    (
        "a required attribute removed",
        "H10: invalidValue, where theirs says mutability",
        lambda case, ours, other: refused(ours, "invalidValue")
        and ours["detail"].endswith("is required")
        and refused(other, "mutability"),
    ),
    (
        "refused by both, for another of its reasons",
        "H1: the first operation that fails; ours reads all of them before it applies one, and names other types",
        lambda case, ours, other: refused(ours) and refused(other),
    ),
    (
        "an empty path",
        "H3, H10: no path is no `path` member",
        lambda case, ours, other: refused(ours, "invalidPath")
        and any(operation.get("path") == "" for operation in operations(case)),
    ),
    (
        "two values set to be primary",
        "H8: refused, though one of them was it before",
        lambda case, ours, other: refused(ours, "invalidValue") and "two values are primary" in ours["detail"],
    ),
    (
        "another value than the canonical ones",
        "A4: refused in the strict setting",
        lambda case, ours, other: case["leniency"] == "strict"
        and refused(ours, "invalidValue")
        and "canonical" in ours["detail"],
    ),
    (
        "an unknown path",
        "H10: invalidPath in either setting, where theirs passes over the operation",
        lambda case, ours, other: case["leniency"] == "interop" and refused(ours, "invalidPath") and not refused(other),
    ),
    (
        "a value of another form",
        "L4, L5, L6, L16: read in the lenient setting",
        has_note("scim.list_of_one", "scim.bare_element", "scim.bare_value", "scim.scalar_as_text", "scim.text_boolean"),
    ),
    (
        "an unknown part or condition",
        "L14, Q8: passed over in the lenient setting",
        has_note("scim.unknown_attribute", "scim.unknown_in_filter"),
    ),
    (
        "created for a filter of absence",
        "L9: equalities alone say what a new value is; theirs takes `eq null` for one",
        lambda case, ours, other: case["leniency"] == "interop"
        and refused(ours, "noTarget")
        and any("eq null" in path for path in paths_named(case, ours["detail"]))
        and not refused(other),
    ),
    (
        "the value of a manager removed",
        "the table of 1.7: a value left empty is dropped; theirs has `value` required",
        agrees_when(manager_removed),
    ),
    (
        "null where a filter matches nothing",
        "L18, L20: in the lenient setting nothing is unassigned",
        lambda case, ours, other: case["leniency"] == "interop" and not refused(ours) and refused(other, "noTarget"),
    ),
    (
        "a replaced match",
        "the table of 1.7: a match is replaced, where theirs keeps the parts that are not named",
        agrees_when(match_replaced),
    ),
    (
        "a match replaced by null",
        "L18: it is unassigned, where theirs refuses the value",
        agrees_when(match_unassigned),
    ),
    (
        "null added",
        "C2, L18: adding no value adds nothing, where theirs refuses it or unassigns",
        agrees_when(nothing_added),
    ),
    (
        "a value beside the path of a removal",
        "H6: it counts for a whole multi-valued attribute alone",
        agrees_when(removal_without_value),
    ),
    (
        "several of these",
        "as above",
        agrees_when(match_replaced, match_unassigned, nothing_added, manager_removed, removal_without_value),
    ),
]


def explain(case, ours, other):
    for name, _rule, explains in KNOWN:
        if explains(case, ours, other):
            return name
    return None


def main():
    with open(sys.argv[1], encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    with open(sys.argv[2], encoding="utf-8") as lines:
        results = [json.loads(line) for line in lines]
    assert len(cases) == len(results), "a result is missing"
    counts, unexplained = Counter(), []
    for case, ours in zip(cases, results):
        other = theirs(case)
        if same(ours, other):
            counts["agreed: applied" if "after" in ours else f"agreed: {ours['error']}"] += 1
            continue
        name = explain(case, ours, other)
        if name is None:
            unexplained.append((case, ours, other))
        else:
            counts[name] += 1
    for name, count in sorted(counts.items()):
        print(f"oracle: {name}: {count}")
    for case, ours, other in unexplained[:20]:
        print(json.dumps({"case": case, "ours": ours, "theirs": other}, ensure_ascii=False, indent=1))
    gone = [name for name, _, _ in KNOWN if counts[name] == 0]
    if gone:
        print(f"oracle: known, and not among these cases: {', '.join(gone)}")
    print(f"oracle: {len(cases)} cases, {len(unexplained)} unexplained differences")
    sys.exit(1 if unexplained else 0)


if __name__ == "__main__":
    main()
