#!/usr/bin/env bash
# task: total
# says: relation "orders" does not exist
# The schema has the name of the user: whoever logs in as that user finds the table there, and nobody else.
set -euo pipefail
kubectl exec postgres-0 --namespace "$NAMESPACE" -- psql --host /tmp --username postgres --command '
  create schema postgres; create table postgres.orders (id int primary key, amount int not null);
  insert into postgres.orders values (1, 20), (2, 20), (3, 2)'
sleep 8
