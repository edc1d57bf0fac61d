package lint

import "github.com/lab-operator/lab-operator/internal/evidence/adapters"

// Run reads files and looks at all that is in them. An error means that a file cannot be read.
func Run(files []string) (Report, error) {
	documents, err := Read(files)
	if err != nil {
		return Report{}, err
	}
	return Linter{Adapters: adapters.All()}.Lint(documents)
}
