#!/usr/bin/env bash
set -euo pipefail
kubectl exec postgres-0 --namespace "$NAMESPACE" -- psql --host /tmp --username postgres --command '
  create table orders (id int primary key, amount int not null); insert into orders values (1, 20), (2, 20), (3, 2)'
