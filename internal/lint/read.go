package lint

import (
	"fmt"
	"os"
	"slices"
)

// Read parses files. An error names the file that cannot be read, or is not YAML.
func Read(files []string) ([]*Document, error) {
	var documents []*Document
	read := []string{}
	for _, file := range files {
		if slices.Contains(read, file) {
			continue
		}
		read = append(read, file)
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read the catalog: %w", err)
		}
		found, err := Parse(file, data)
		if err != nil {
			return nil, err
		}
		documents = append(documents, found...)
	}
	return documents, nil
}
