#!/usr/bin/env bash
# The same by other means: tables in place of views, one slope at a time of what the other feature leaves unexplained, and a
# function in PL/pgSQL. It begins in one environment and ends in another.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../warehouse.sh"

# fitted_by_regression is the SELECT that fits the model to rows: fitted_by_regression "ROWS".
fitted_by_regression() {
  cat <<SQL
with rides as (select * from $1),
  a as (select regr_slope(distance_km, minutes) as s, regr_intercept(distance_km, minutes) as i from rides),
  b as (select regr_slope(minutes, distance_km) as s, regr_intercept(minutes, distance_km) as i from rides),
  slopes as (select regr_slope(fare, distance_km - a.i - a.s * minutes) as per_km,
    regr_slope(fare, minutes - b.i - b.s * distance_km) as per_minute from rides, a, b)
select avg(fare) - per_km * avg(distance_km) - per_minute * avg(minutes), per_km, per_minute from rides, slopes group by per_km, per_minute
SQL
}

sql "create table ml.training as
  select id, distance_km::numeric, minutes::numeric, fare::numeric from lake.rides where day < $cutoff and status = 'completed'"
passed split 4m
sql "create table ml.model (intercept, per_km, per_minute) as $(fitted_by_regression ml.training)"
passed model 4m

fresh_environment
sql "create table ml.model (intercept, per_km, per_minute) as
  $(fitted_by_regression "lake.rides where day < $cutoff and status = 'completed'")"
sql "create table ml.prediction as
  select id::bigint, round((intercept + per_km * distance_km + per_minute * minutes)::numeric, 2) as fare
  from lake.rides, ml.model where day >= $cutoff and status = 'completed'"
passed evaluate 4m
sql "create function ml.fit(until integer, out intercept double precision, out per_km double precision, out per_minute double precision)
  language plpgsql as \$\$ #variable_conflict use_column
  begin
    select * into intercept, per_km, per_minute from ($(fitted_by_regression "lake.rides where day < until and status = 'completed'")) f;
  end \$\$"
passed retrain 4m
