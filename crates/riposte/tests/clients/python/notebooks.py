"""msticpy, as notebooks use it: bodies with single quotes, old api-versions, paths in lower case."""

import warnings

warnings.filterwarnings("ignore")

import pandas as pd
from msticpy.context.azure.sentinel_core import MicrosoftSentinel
from msticpy.context.azure.sentinel_utils import SentinelInstanceDetails
from session import *


def main():
    owner("PUT", f"{WORKSPACE_ID}?api-version=2022-10-01", {"location": "x"})
    sentinel = MicrosoftSentinel(subscription_id=SUBSCRIPTION, resource_group=GROUP, workspace_name=WORKSPACE)
    sentinel.base_url = URL + "/"
    sentinel._create_api_paths_for_workspace(SentinelInstanceDetails(SUBSCRIPTION, GROUP, WORKSPACE))
    sentinel._token, sentinel.connected = OWNER, True

    incident = call("create_incident", sentinel.create_incident, title="it's mst", severity="High")
    incident = incident or call("list_incidents", sentinel.list_incidents).iloc[0]["name"]
    listed = call("list_incidents", sentinel.list_incidents)
    assert list(listed["properties.title"]) == ["it's mst"], listed
    assert len(call("get_incident", sentinel.get_incident, incident)) == 1
    call("update_incident", sentinel.update_incident, incident, {"severity": "Low", "status": "Active"})
    again = call("list_incidents", sentinel.list_incidents, {"$filter": "properties/severity eq 'Low'"})
    assert list(again["properties.status"]) == ["Active"], again
    call("post_comment", sentinel.post_comment, incident, "hi")
    assert len(call("get_incident_comments", sentinel.get_incident_comments, incident)) == 1
    call("get_entities", sentinel.get_entities, incident)
    call("get_incident_alerts", sentinel.get_incident_alerts, incident)

    call("create_watchlist", sentinel.create_watchlist, "wl_m", "d", "ip", data=pd.DataFrame([{"ip": "1.2.3.4", "x": "y"}]))
    assert list(call("list_watchlists", sentinel.list_watchlists)["properties.watchlistAlias"]) == ["wl_m"]
    items = call("list_watchlist_items", sentinel.list_watchlist_items, "wl_m")
    assert len(items) == 1, items
    call("create_bookmark", sentinel.create_bookmark, "mark", "Heartbeat | take 1", labels=["a"])
    assert len(call("list_bookmarks", sentinel.list_bookmarks)) == 1
    call("delete_bookmark", sentinel.delete_bookmark, "mark")
    call("delete_watchlist", sentinel.delete_watchlist, "wl_m")
    if any("alertRules/read" in row["name"] for row in
           owner("GET", "/providers/Microsoft.SecurityInsights/operations?api-version=2023-02-01")["value"]):
        call("list_alert_rules", sentinel.list_alert_rules)
    done(14)


main()
