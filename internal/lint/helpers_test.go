package lint

import "github.com/lab-operator/lab-operator/internal/evidence/adapters"

func linter() Linter { return Linter{Adapters: adapters.All()} }
