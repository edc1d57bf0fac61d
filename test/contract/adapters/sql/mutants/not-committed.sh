#!/usr/bin/env bash
# task: total
# says: they add up to 1
# Two of the orders stand in a transaction that goes on.
set -euo pipefail
kubectl exec postgres-0 --namespace "$NAMESPACE" -- psql --host /tmp --username postgres --command '
  create table orders (id int primary key, amount int not null); insert into orders values (0, 1)'
kubectl exec postgres-0 --namespace "$NAMESPACE" -- psql --host /tmp --username postgres --set AUTOCOMMIT=off --command '
  update orders set amount = 20; insert into orders values (1, 20), (2, 2); select pg_sleep(15)'
