"""The worker role: relay and consumers as a process of their own."""

from chassis import erasure

from orgs.aggregation_requests.commands import sweep as sweep_aggregations
from orgs.consumers import table
from orgs.erasure import PLAN
from orgs.exports.worker import work as exports
from orgs.imports.worker import work as imports
from orgs.individual_group_logs.counting import keep_count
from orgs.organizations.logos import sweep_logos

consumers = table
background = [imports, exports, keep_count, sweep_logos, sweep_aggregations, erasure.eraser(PLAN)]
