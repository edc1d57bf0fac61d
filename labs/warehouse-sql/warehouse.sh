# What the scripts of this exercise have in common.
source "$(dirname "${BASH_SOURCE[0]}")/../learner.sh"

# sql runs a statement as the analyst.
sql() {
  kubectl exec warehouse-0 --namespace "$NAMESPACE" -- psql --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --command "$1"
}

# fitted is the SELECT that fits the model to rows: fitted "ROWS".
fitted() {
  cat <<SQL
select my - per_km * ma - per_minute * mb as intercept, per_km, per_minute from (
  select *, (ya * vb - yb * ab) / (va * vb - ab * ab) as per_km, (yb * va - ya * ab) / (va * vb - ab * ab) as per_minute from (
    select avg(fare) as my, avg(distance_km) as ma, avg(minutes) as mb, var_pop(distance_km) as va, var_pop(minutes) as vb,
      covar_pop(distance_km, minutes) as ab, covar_pop(fare, distance_km) as ya, covar_pop(fare, minutes) as yb
    from $1) sums) slopes
SQL
}

cutoff=$(param cutoff)

# split_by_day and fit_model pass the first two tasks. predict does the work of the third.
split_by_day() {
  sql "create view ml.training as
    select id, distance_km, minutes, fare from lake.rides where day < $cutoff and status = 'completed'"
  passed split 4m
}

fit_model() {
  sql "create table ml.model as $(fitted ml.training)"
  passed model 4m
}

predict() {
  sql "create view ml.prediction as
    select id, intercept + per_km * distance_km + per_minute * minutes as fare
    from lake.rides, ml.model where day >= $cutoff and status = 'completed'"
}
