"""`/api/projects/{project_id}/cohorts/…` and `/api/cohort/…`."""

from artifacts.cohorts.projects.routes import cohorts, persons, reports

ROUTES = [*cohorts.ROUTES, *persons.ROUTES, *reports.ROUTES]
