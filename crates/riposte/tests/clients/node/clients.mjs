// @azure/arm-securityinsight and @azure/arm-logic over TLS, signed in by @azure/identity. The authority's certificate is
// given to Node by NODE_EXTRA_CA_CERTS.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { ClientSecretCredential } from "@azure/identity";
import { LogicManagementClient } from "@azure/arm-logic";
import { SecurityInsights } from "@azure/arm-securityinsight";

const url = process.env.RIPOSTE_URL;
const subscription = "00000000-0000-0000-0000-000000000002";
const group = `rg-${randomUUID().slice(0, 8)}`;
const place = [group, `ws-${randomUUID().slice(0, 8)}`];
const groupId = `/subscriptions/${subscription}/resourceGroups/${group}`;
const sentinelId = `${groupId}/providers/Microsoft.OperationalInsights/workspaces/${place[1]}/providers/Microsoft.SecurityInsights`;
let calls = 0;

async function owner(method, path, body) {
  const headers = { authorization: `Bearer ${process.env.RIPOSTE_TOKEN}`, "content-type": "application/json" };
  const answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.status === 204 ? undefined : answer.json();
}

function assign(principalId, role, scope) {
  const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${role}`;
  const path = `${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?api-version=2022-04-01`;
  return owner("PUT", path, { properties: { principalId, roleDefinitionId } });
}

async function call(what, promise) {
  calls += 1;
  try {
    return await promise;
  } catch (error) {
    throw new Error(`${what}: ${error.message}`, { cause: error });
  }
}

async function all(what, pager) {
  calls += 1;
  const items = [];
  try {
    for await (const item of pager) items.push(item);
  } catch (error) {
    throw new Error(`${what}: ${error.message}`, { cause: error });
  }
  return items;
}

const program = await owner("POST", "/api/servicePrincipals", { displayName: "node" });
await assign(program.id, "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", groupId);
await assign("5e9d1e11-0000-4000-8000-5ec0a7000001", "f4c81013-99ee-4d62-a7ee-b3f1f648599a", groupId);
const credential = new ClientSecretCredential("5e9d1e11-0000-4000-8000-5ec0a7000000", program.appId, program.secretText, {
  authorityHost: url,
  disableInstanceDiscovery: true,
});
const sentinel = new SecurityInsights(credential, subscription, { endpoint: url });
const logic = new LogicManagementClient(credential, subscription, { endpoint: url });

// Automation rules.
const rule = {
  displayName: "x",
  order: 1,
  triggeringLogic: { isEnabled: true, triggersOn: "Incidents", triggersWhen: "Created", conditions: [] },
  actions: [{ order: 1, actionType: "ModifyProperties", actionConfiguration: { severity: "Low" } }],
};
await call("automationRules.create", sentinel.automationRules.createOrUpdate(...place, "jsrule", { automationRuleToUpsert: rule }));
assert.equal((await all("automationRules.list", sentinel.automationRules.list(...place))).length, 1);
assert.equal((await call("automationRules.get", sentinel.automationRules.get(...place, "jsrule"))).displayName, "x");
await call("automationRules.delete", sentinel.automationRules.delete(...place, "jsrule"));

// Incidents and what hangs on them.
const incident = { title: "t", severity: "High", status: "New" };
const made = await call("incidents.create", sentinel.incidents.createOrUpdate(...place, "jsinc", incident));
assert.equal(made.owner?.assignedTo ?? null, null);
await call("incidents.update", sentinel.incidents.createOrUpdate(...place, "jsinc", { ...incident, etag: made.etag, severity: "Low" }));
await assert.rejects(sentinel.incidents.createOrUpdate(...place, "jsinc", { ...incident, etag: made.etag }), { statusCode: 409 });
await call("incidents.create", sentinel.incidents.createOrUpdate(...place, "jsinc2", incident));
assert.equal((await call("incidents.get", sentinel.incidents.get(...place, "jsinc"))).severity, "Low");
const listed = await all("incidents.list", sentinel.incidents.list(...place, { top: 1, orderby: "properties/createdTimeUtc desc" }));
assert.deepEqual(listed.map((one) => one.name), ["jsinc2", "jsinc"]);
await owner("POST", `/api/workspaces/${place[1]}/alerts`, {
  SystemAlertId: "js-alert", DisplayName: "a", AlertSeverity: "High", Entities: [{ $id: "1", Type: "ip", Address: "10.0.0.9" }],
});
const relation = { relatedResourceId: `${sentinelId}/entities/js-alert` };
await call("relations.create", sentinel.incidentRelations.createOrUpdate(...place, "jsinc", "r1", relation));
assert.equal((await call("incidents.listEntities", sentinel.incidents.listEntities(...place, "jsinc"))).entities.length, 1);
assert.equal((await call("incidents.listAlerts", sentinel.incidents.listAlerts(...place, "jsinc"))).value.length, 1);
assert.equal((await call("incidents.listBookmarks", sentinel.incidents.listBookmarks(...place, "jsinc"))).value.length, 0);
await call("comments.create", sentinel.incidentComments.createOrUpdate(...place, "jsinc", "c1", { message: "m" }));
assert.equal((await all("comments.list", sentinel.incidentComments.list(...place, "jsinc"))).length, 1);

// A playbook, started by hand.
const api = `/subscriptions/${subscription}/providers/Microsoft.Web/locations/we/managedApis/azuresentinel`;
const connection = `${groupId}/providers/Microsoft.Web/connections/azuresentinel`;
await owner("PUT", `${connection}?api-version=2016-06-01`, { location: "we", properties: { displayName: "s", api: { id: api } } });
const playbook = {
  location: "we",
  definition: {
    contentVersion: "1.0.0.0",
    parameters: { $connections: { type: "Object", defaultValue: {} } },
    triggers: { start: { type: "ApiConnectionWebhook", inputs: {
      body: { callback_url: "@{listCallbackUrl()}" }, path: "/incident-creation",
      host: { connection: { name: "@parameters('$connections')['azuresentinel']['connectionId']" } } } } },
    actions: { Keep: { type: "Compose", inputs: "@triggerBody()", runAfter: {} } },
  },
  parameters: { $connections: { value: { azuresentinel: { connectionId: connection, connectionName: "s", id: api } } } },
};
await call("workflows.create", logic.workflows.createOrUpdate(group, "onincident", playbook));
const started = { tenantId: randomUUID(), logicAppsResourceId: `${groupId}/providers/Microsoft.Logic/workflows/onincident` };
await call("incidents.runPlaybook", sentinel.incidents.runPlaybook(...place, "jsinc", { requestBody: started }));
assert.equal((await all("workflowRuns.list", logic.workflowRuns.list(group, "onincident"))).length, 1);

// Watchlists and bookmarks.
const watchlist = { displayName: "wl", provider: "p", source: "Local file", itemsSearchKey: "ip", contentType: "text/csv", rawContent: "ip\n1.2.3.4\n" };
await call("watchlists.create", sentinel.watchlists.createOrUpdate(...place, "wl1", watchlist));
assert.equal((await all("watchlists.list", sentinel.watchlists.list(...place))).length, 1);
assert.equal((await all("watchlistItems.list", sentinel.watchlistItems.list(...place, "wl1"))).length, 1);
await call("bookmarks.create", sentinel.bookmarks.createOrUpdate(...place, "b1", { displayName: "b", query: "Heartbeat" }));
assert.equal((await all("bookmarks.list", sentinel.bookmarks.list(...place))).length, 1);
const offered = await all("operations.list", sentinel.operations.list());
if (offered.some((one) => one.name.toLowerCase() === "microsoft.securityinsights/alertrules/read")) {
  await all("alertRules.list", sentinel.alertRules.list(...place));
}

// Workflows, triggers, runs.
const workflow = {
  location: "we",
  definition: {
    contentVersion: "1.0.0.0",
    triggers: { manual: { type: "Request", kind: "Http", inputs: {} } },
    actions: { Out: { type: "Compose", inputs: 1, runAfter: {} } },
  },
};
await call("workflows.create", logic.workflows.createOrUpdate(group, "jswf", workflow));
await call("workflows.get", logic.workflows.get(group, "jswf"));
assert.equal((await all("workflows.list", logic.workflows.listByResourceGroup(group, { top: 1 }))).length, 2);
await call("triggers.run", logic.workflowTriggers.run(group, "jswf", "manual"));
assert.ok((await call("triggers.listCallbackUrl", logic.workflowTriggers.listCallbackUrl(group, "jswf", "manual"))).value);
const [run] = await all("runs.list", logic.workflowRuns.list(group, "jswf"));
assert.ok(Array.isArray(await all("actions.list", logic.workflowRunActions.list(group, "jswf", run.name))));
await call("workflows.delete", logic.workflows.delete(group, "jswf"));
await call("incidents.delete", sentinel.incidents.delete(...place, "jsinc2"));

assert.ok(calls >= 30, `only ${calls} calls`);
console.log(`${calls} calls`);
