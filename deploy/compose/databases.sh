#!/bin/bash
# The first start of PostgreSQL: a role and a database for each service, with the password of its secret address.
set -euo pipefail

for file in /run/secrets/*-database-url; do
  account=$(sed -E 's#^postgresql://([^:]+):([^@]+)@.*#\1 \2#' "$file")
  psql --quiet -v ON_ERROR_STOP=1 -v name="${account% *}" -v password="${account#* }" \
    --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
