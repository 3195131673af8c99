"""scim2-tester's checks against a running server: prints each that is no success, and fails for those that are not foreseen.

Usage: scim_tester.py URL TOKEN EDGE-HEADERS-AS-JSON HEALTH-CENTRE-ID CLINIC-ID LOGIN-DOMAIN
What the tester makes up at random must be what public health allows: an organization that is there, an ID of the service's domain, kana.
"""
import json
import sys
import uuid

import httpx2
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server, filling

URL, TOKEN, HEADERS, CENTER, CLINIC, DOMAIN = sys.argv[1:7]
invented = filling.generate_random_value


def allowed(context, path, *arguments, **keywords):
    name = str(path)
    value = invented(context, path, *arguments, **keywords)
    if value is None:
        return None
    if name.endswith("organization.id"):
        return CENTER if "Group" in name else CLINIC
    if name.endswith("userName"):
        return f"t{uuid.uuid4().hex[:20]}@{DOMAIN}"
    if name.endswith("Kana"):
        return "シオカゼ"
    if name.endswith(":role"):
        return "health_center_staff"
    return value


for name, module in list(sys.modules.items()):
    if name.startswith("scim2_tester") and getattr(module, "generate_random_value", None) is invented:
        module.generate_random_value = allowed
http = httpx2.Client(base_url=URL, headers={"Authorization": f"Bearer {TOKEN}", **json.loads(HEADERS)}, timeout=20)
results = check_server(SyncSCIMClient(http))
# An account is active or not: without a value of its own it is what it was. A role stays a group when nobody holds it any more. The answer
# to a change of a whole extension also shows what only the server says there, which the tester did not send.
EXTENSION = "urn:ietf:params:scim:schemas:extension:madoguchi:2.0:"
FORESEEN = {("User", "check_remove_attribute", "active"), ("Group", "object_deletion", "")}
FORESEEN |= {(kind, "check_replace_attribute", EXTENSION + kind) for kind in ("User", "Group")}
counts = {}
unforeseen = 0
for result in results:
    counts[result.status.name] = counts.get(result.status.name, 0) + 1
    if result.status not in (Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE, Status.SKIPPED):
        urn = result.data.get("urn", "") if isinstance(result.data, dict) else ""
        if (result.resource_type, result.title, str(urn)) in FORESEEN:
            continue
        unforeseen += 1
        print(result.status.name, result.resource_type or "-", result.title, "|", (result.reason or "")[:400].replace("\n", " "), "|", str(getattr(result.data, "text", result.data))[:300].replace("\n", " "))
print(json.dumps(counts))
sys.exit(1 if unforeseen or counts.get("SUCCESS", 0) < 60 else 0)
