from database.migrations import run
from orgs.models_index import metadata

run(metadata)
