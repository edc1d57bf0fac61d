package charts

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// files has a folder for what all versions of the chart share, and one for each version, which goes on top of it.
//
//go:embed all:files
var files embed.FS

const (
	root   = "files"
	common = "common"
)

// packedAt is the time of every file and of every entry of the index: an archive that is packed again is the same
// archive, whenever and wherever that is done.
var packedAt = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// Chart is one version of a chart, packed.
type Chart struct {
	// File is the name of the archive, as in shop-1.0.0.tgz.
	File string
	// Archive is what helm downloads.
	Archive []byte
	// metadata is what stands in Chart.yaml.
	metadata map[string]any
}

// Charts packs all charts, in the order of their versions.
func Charts() ([]Chart, error) {
	folders, err := fs.ReadDir(files, root)
	if err != nil {
		return nil, fmt.Errorf("list the charts: %w", err)
	}
	var charts []Chart
	for _, folder := range folders {
		if folder.Name() == common {
			continue
		}
		chart, err := pack(path.Join(root, common), path.Join(root, folder.Name()))
		if err != nil {
			return nil, fmt.Errorf("pack chart %s: %w", folder.Name(), err)
		}
		charts = append(charts, chart)
	}
	return charts, nil
}

// pack makes a chart of folders. Where two of them have a file, that of the later one is taken.
func pack(folders ...string) (Chart, error) {
	contents := map[string][]byte{}
	for _, folder := range folders {
		err := fs.WalkDir(files, folder, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			contents[strings.TrimPrefix(name, folder+"/")], err = files.ReadFile(name)
			return err
		})
		if err != nil {
			return Chart{}, err
		}
	}
	var chart Chart
	if err := yaml.Unmarshal(contents["Chart.yaml"], &chart.metadata); err != nil {
		return Chart{}, fmt.Errorf("read Chart.yaml: %w", err)
	}
	name := fmt.Sprint(chart.metadata["name"])
	chart.File = fmt.Sprintf("%s-%v.tgz", name, chart.metadata["version"])
	var err error
	chart.Archive, err = archive(name, contents)
	return chart, err
}

// archive packs files below a folder, in the order of their names.
func archive(folder string, contents map[string][]byte) ([]byte, error) {
	names := make([]string, 0, len(contents))
	for name := range contents {
		names = append(names, name)
	}
	slices.Sort(names)
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	tape := tar.NewWriter(zip)
	for _, name := range names {
		header := &tar.Header{Name: path.Join(folder, name), Mode: 0o644, Size: int64(len(contents[name])), ModTime: packedAt}
		if err := tape.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := tape.Write(contents[name]); err != nil {
			return nil, err
		}
	}
	if err := tape.Close(); err != nil {
		return nil, err
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// index is the index.yaml of a repository with these charts. Their addresses are relative to its own, so that it holds by
// whichever way it is reached. It has no digests: helm 4 takes an archive whose digest it knows from its own cache, and whoever
// has had the same archive from another lab would never download it from this one.
func index(charts []Chart) ([]byte, error) {
	entries := map[string][]map[string]any{}
	for _, chart := range charts {
		entry := map[string]any{"urls": []string{chart.File}, "created": packedAt.Format(time.RFC3339)}
		for key, value := range chart.metadata {
			entry[key] = value
		}
		name := fmt.Sprint(chart.metadata["name"])
		// The newest stands first, as helm itself writes it.
		entries[name] = append([]map[string]any{entry}, entries[name]...)
	}
	return yaml.Marshal(map[string]any{"apiVersion": "v1", "entries": entries, "generated": packedAt.Format(time.RFC3339)})
}
