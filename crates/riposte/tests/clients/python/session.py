"""What the drivers have in common: the server, its owner's HTTP, a service principal that signs in, and counted calls.

Environment: RIPOSTE_URL, RIPOSTE_TOKEN (the owner's), RIPOSTE_CA (the authority's certificate; none over plain HTTP).
"""

import json
import os
import ssl
import sys
import urllib.error
import urllib.request
import uuid

URL = os.environ["RIPOSTE_URL"].rstrip("/")
OWNER = os.environ["RIPOSTE_TOKEN"]
CA = os.environ.get("RIPOSTE_CA") or None
TENANT = "5e9d1e11-0000-4000-8000-5ec0a7000000"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = "rg-" + uuid.uuid4().hex[:8]
WORKSPACE = "ws-" + uuid.uuid4().hex[:8]
GROUP_ID = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
WORKSPACE_ID = f"{GROUP_ID}/providers/Microsoft.OperationalInsights/workspaces/{WORKSPACE}"
SENTINEL_ID = f"{WORKSPACE_ID}/providers/Microsoft.SecurityInsights"

_context = ssl.create_default_context(cafile=CA) if CA else None
calls = 0


def owner(method, path, body=None, expected=(200, 201, 204)):
    """A request of the owner's, past all client libraries."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data=data, method=method)
    request.add_header("Authorization", f"Bearer {OWNER}")
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, context=_context) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    assert status in expected, f"{method} {path}: {status} {text[:500]}"
    return json.loads(text) if text else None


def assign(principal, role, scope):
    """A role assignment, by the role's GUID."""
    owner(
        "PUT",
        f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}?api-version=2022-04-01",
        {"properties": {"principalId": principal, "roleDefinitionId":
            f"/providers/Microsoft.Authorization/roleDefinitions/{role}"}},
    )


def register():
    """A program that owns the resource group; its application id and secret."""
    made = owner("POST", "/api/servicePrincipals", {"displayName": "clients"})
    assign(made["id"], "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", GROUP_ID)
    return made["appId"], made["secretText"]


def credential():
    """The credential of a program, from azure-identity; it asks this server for tokens."""
    from azure.identity import ClientSecretCredential

    app, secret = register()
    return ClientSecretCredential(
        TENANT, app, secret, authority=URL, disable_instance_discovery=True, connection_verify=CA or True
    )


def client_options():
    """How Azure's management clients are pointed at this server."""
    return {"base_url": URL, "connection_verify": CA or True}


def call(what, function, *arguments, **more):
    """Calls, counts, and says where it failed."""
    global calls
    calls += 1
    try:
        return function(*arguments, **more)
    except Exception as error:
        raise AssertionError(f"{what}: {type(error).__name__}: {error}") from error


def refused(what, status, function, *arguments, **more):
    """Calls what must be refused with a status, by the library's own error class."""
    from azure.core.exceptions import HttpResponseError

    global calls
    calls += 1
    try:
        function(*arguments, **more)
    except HttpResponseError as error:
        assert error.status_code == status, f"{what}: {error.status_code}, not {status}"
        assert error.error is not None and error.error.code, f"{what}: no code in {error}"
        return error
    raise AssertionError(f"{what}: not refused")


def playbook(name, trigger):
    """Makes a playbook with a Sentinel trigger, and the connection that it names."""
    api = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/azuresentinel"
    connection = f"{GROUP_ID}/providers/Microsoft.Web/connections/azuresentinel"
    owner("PUT", f"{connection}?api-version=2016-06-01",
        {"location": "westeurope", "properties": {"displayName": "azuresentinel", "api": {"id": api}}})
    connections = {"azuresentinel": {"connectionId": connection, "connectionName": "azuresentinel", "id": api}}
    definition = {
        "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"$connections": {"type": "Object", "defaultValue": {}}},
        "triggers": {"start": {"type": "ApiConnectionWebhook", "inputs": {
            "body": {"callback_url": "@{listCallbackUrl()}"},
            "host": {"connection": {"name": "@parameters('$connections')['azuresentinel']['connectionId']"}},
            "path": trigger}}},
        "actions": {"Keep": {"type": "Compose", "inputs": "@triggerBody()", "runAfter": {}}},
    }
    id = f"{GROUP_ID}/providers/Microsoft.Logic/workflows/{name}"
    owner("PUT", f"{id}?api-version=2019-05-01", {"location": "westeurope", "properties": {
        "definition": definition, "parameters": {"$connections": {"value": connections}}}})
    return id


def grant_automation():
    assign("5e9d1e11-0000-4000-8000-5ec0a7000001", "f4c81013-99ee-4d62-a7ee-b3f1f648599a", GROUP_ID)


def done(least):
    """The line that the test reads."""
    assert calls >= least, f"only {calls} calls"
    print(f"{calls} calls")
    sys.exit(0)
