"""azure-mgmt-logic: workflows, triggers, runs and their actions."""

import time

from azure.mgmt.logic import LogicManagementClient
from session import *

DEFINITION = {
    "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
    "contentVersion": "1.0.0.0",
    "triggers": {"manual": {"type": "Request", "kind": "Http", "inputs": {"schema": {"type": "object"}}}},
    "actions": {
        "Each": {"type": "Foreach", "foreach": "@createArray(1, 2)", "runAfter": {}, "actions": {
            "Inner": {"type": "Compose", "inputs": "@item()", "runAfter": {}}}},
        "Out": {"type": "Compose", "inputs": "@concat('a', 'b')", "runAfter": {"Each": ["Succeeded"]}},
    },
}
SLOW = {**DEFINITION, "actions": {"Wait": {"type": "Wait", "runAfter": {},
    "inputs": {"interval": {"count": 1, "unit": "Hour"}}}}}


def workflow(definition):
    return {"location": "westeurope", "tags": {"a": "b"}, "properties": {"state": "Enabled", "definition": definition}}


def main():
    client = LogicManagementClient(credential(), SUBSCRIPTION, **client_options())
    workflows = client.workflows
    made = call("workflows.create", workflows.create_or_update, GROUP, "pb", workflow(DEFINITION))
    assert made.name == "pb" and made.state == "Enabled", made
    call("workflows.create", workflows.create_or_update, GROUP, "slow", workflow(SLOW))
    assert call("workflows.get", workflows.get, GROUP, "pb").tags == {"a": "b"}
    names = call("workflows.list", lambda: [w.name for w in workflows.list_by_resource_group(GROUP, top=1)])
    assert names == ["pb", "slow"], names
    assert [w.name for w in call("workflows.list filtered",
        lambda: list(workflows.list_by_resource_group(GROUP, filter="State eq 'Disabled'")))] == []
    call("workflows.disable", workflows.disable, GROUP, "pb")
    call("workflows.enable", workflows.enable, GROUP, "pb")
    call("workflows.validate", workflows.validate_by_resource_group, GROUP, "pb", workflow(DEFINITION))
    assert call("workflows.list_callback_url", workflows.list_callback_url, GROUP, "pb", {"keyType": "Primary"}).value
    call("workflows.list_swagger", workflows.list_swagger, GROUP, "pb")
    call("workflows.regenerate_access_key", workflows.regenerate_access_key, GROUP, "pb", {"keyType": "Primary"})
    version = call("versions.list", lambda: list(client.workflow_versions.list(GROUP, "pb")))[0]
    call("versions.get", client.workflow_versions.get, GROUP, "pb", version.name)
    refused("workflows.get of none", 404, workflows.get, GROUP, "none")
    triggers(client)
    done(35)


def triggers(client):
    of = (GROUP, "pb", "manual")
    triggers, runs = client.workflow_triggers, client.workflow_runs
    assert [t.name for t in call("triggers.list", lambda: list(triggers.list(GROUP, "pb")))] == ["manual"]
    call("triggers.get", triggers.get, *of)
    call("triggers.run", triggers.run, *of)
    assert call("triggers.list_callback_url", triggers.list_callback_url, *of).value
    call("triggers.get_schema_json", triggers.get_schema_json, *of)
    histories = call("histories.list", lambda: list(client.workflow_trigger_histories.list(*of)))
    history = histories[0].name
    call("histories.get", client.workflow_trigger_histories.get, *of, history)
    call("histories.resubmit", client.workflow_trigger_histories.resubmit, *of, history)
    for _ in range(200):
        finished = call("runs.list", lambda: list(runs.list(GROUP, "pb", filter="status eq 'Succeeded'", top=1)))
        if len(finished) == 2:
            break
        time.sleep(0.05)
    assert len(finished) == 2, "the run and its repetition, on two pages"
    actions(client, finished[0].name)
    call("triggers.run", triggers.run, GROUP, "slow", "manual")
    slow = call("runs.list", lambda: list(runs.list(GROUP, "slow")))[0].name
    call("runs.cancel", runs.cancel, GROUP, "slow", slow)
    for _ in range(200):
        status = call("runs.get", runs.get, GROUP, "slow", slow).status
        if status == "Cancelled":
            break
        time.sleep(0.05)
    assert status == "Cancelled", status
    call("workflows.delete", client.workflows.delete, GROUP, "slow")
    call("workflows.delete again", client.workflows.delete, GROUP, "slow")


def actions(client, run):
    of = (GROUP, "pb", run)
    call("runs.get", client.workflow_runs.get, *of)
    actions = client.workflow_run_actions
    assert {a.name for a in call("actions.list", lambda: list(actions.list(*of)))} >= {"Each", "Out"}
    assert call("actions.get", actions.get, *of, "Out").status == "Succeeded"
    call("actions.list_expression_traces", lambda: list(actions.list_expression_traces(*of, "Out")))
    repetitions = client.workflow_run_action_repetitions
    listed = call("repetitions.list", lambda: list(repetitions.list(*of, "Inner")))
    assert len(listed) == 2, listed
    call("repetitions.get", repetitions.get, *of, "Inner", listed[0].name)
    call("scope_repetitions.list", lambda: list(client.workflow_run_action_scope_repetitions.list(*of, "Each")))
    call("request_histories.list", lambda: list(client.workflow_run_action_request_histories.list(*of, "Out")))
    refused("operations.get of none", 404, client.workflow_run_operations.get, *of, "op")


main()
