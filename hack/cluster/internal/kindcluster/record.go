package kindcluster

import (
	"context"
	"fmt"
	"path"
	"strings"

	"sigs.k8s.io/kind/pkg/cluster/nodes"
)

// recordsDir is where a node keeps what was loaded into it.
const recordsDir = "/var/lib/lab-operator/images"

// record is the id of a loaded image in docker, and that in the node. They are the same where docker has a store of its
// own. In containerd's store docker's is the digest of an index, and the node's never is.
type record struct{ Docker, Node string }

// isLoaded tells whether a node has what docker has.
func isLoaded(docker, node string, last record) bool {
	return docker == node || last == record{Docker: docker, Node: node}
}

func recordPath(image string) string {
	return path.Join(recordsDir, strings.NewReplacer("/", "_", ":", "_").Replace(image))
}

// parseRecord reads a record. One that is not whole is none.
func parseRecord(text string) record {
	if fields := strings.Fields(text); len(fields) == 2 {
		return record{Docker: fields[0], Node: fields[1]}
	}
	return record{}
}

func readRecord(ctx context.Context, node nodes.Node, image string) record {
	var text strings.Builder
	if err := node.CommandContext(ctx, "cat", recordPath(image)).SetStdout(&text).Run(); err != nil {
		// There is none: the image is loaded again.
		return record{}
	}
	return parseRecord(text.String())
}

func writeRecord(ctx context.Context, node nodes.Node, image string, r record) error {
	write := node.CommandContext(ctx, "sh", "-c", "mkdir -p "+recordsDir+" && cat > "+recordPath(image))
	if err := write.SetStdin(strings.NewReader(r.Docker + " " + r.Node + "\n")).Run(); err != nil {
		return fmt.Errorf("note in the node what was loaded: %w", err)
	}
	return nil
}
