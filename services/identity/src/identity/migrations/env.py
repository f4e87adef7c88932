from database.migrations import run
from identity.models_index import metadata

run(metadata)
