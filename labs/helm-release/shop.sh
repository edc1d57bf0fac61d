# What the scripts of this exercise have in common.
source "$(dirname "${BASH_SOURCE[0]}")/../learner.sh"

# at_rest has nothing to wait for: helm waits by itself, and an upgrade that failed never comes to rest.
at_rest() { :; }

# reach makes the lab's repository known to helm as "charts", by a free port that kubectl chooses and prints: reach [TARGET PORT].
reach() {
  tunnel "${1-service/charts}" "${2-80}"
  reachable
  helm repo add charts "http://127.0.0.1:$port"
}

# bring makes the next revision and waits until its pods are ready: bring VERSION FLAG...
bring() {
  reachable
  helm upgrade --install shop charts/shop --version "$1" --wait --timeout 4m "${@:2}"
}

# configured passes the first two tasks with as little as possible.
configured() {
  reach
  bring 1.0.0 --values "$work/values.yaml"
  passed install 3m
  bring 1.0.0 --values "$work/values.yaml"
  passed configure 3m
}

# failed makes the upgrade that must not work, and waits only as long as is needed to see it.
failed() {
  if bring 1.1.0 --values "$work/values.yaml" --timeout "${1:-15s}"; then
    echo "the upgrade to 1.1.0 worked: it must not" && exit 1
  fi
}

work=$(mktemp -d)
trap 'close_tunnel; rm -rf "$work"' EXIT
# What helm keeps of repositories is this run's own.
export HELM_CACHE_HOME=$work/cache HELM_CONFIG_HOME=$work/config HELM_DATA_HOME=$work/data HELM_NAMESPACE=$NAMESPACE
season=$(param season) pods=$(param pods)
printf 'season: %s\nreplicas: %s\n' "$season" "$pods" >"$work/values.yaml"
printf 'shop:\n  season: %s\nreplicaCount: %s\n' "$season" "$pods" >"$work/values-2.yaml"
