package charts

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"sigs.k8s.io/yaml"

	chart "helm.sh/helm/v4/pkg/chart/v2"
)

// loaded are the charts as helm reads them.
func loaded(t *testing.T) ([]Chart, []*chart.Chart) {
	t.Helper()
	packed, err := Charts()
	if err != nil {
		t.Fatal(err)
	}
	read := make([]*chart.Chart, 0, len(packed))
	for _, c := range packed {
		archive, err := loader.LoadArchive(bytes.NewReader(c.Archive))
		if err != nil {
			t.Fatalf("%s: %v", c.File, err)
		}
		read = append(read, archive)
	}
	return packed, read
}

func TestHelmReadsTheCharts(t *testing.T) {
	packed, read := loaded(t)
	type summary struct{ File, Name, Version, AppVersion, Values, Templates string }
	var got []summary
	for i, c := range read {
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", packed[i].File, err)
		}
		var templates []string
		for _, file := range c.Templates {
			templates = append(templates, strings.TrimPrefix(file.Name, "templates/"))
		}
		values, err := yaml.Marshal(c.Values)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, summary{
			packed[i].File, c.Metadata.Name, c.Metadata.Version, c.Metadata.AppVersion,
			strings.Join(strings.Fields(string(values)), " "), strings.Join(templates, " "),
		})
	}
	const templates = "NOTES.txt deployment.yaml service.yaml"
	want := []summary{
		{"shop-1.0.0.tgz", "shop", "1.0.0", "1", "replicas: 1 season: allyear", templates},
		{"shop-1.1.0.tgz", "shop", "1.1.0", "2", "replicas: 1 season: allyear", templates},
		{"shop-2.0.0.tgz", "shop", "2.0.0", "2", "replicaCount: 1 shop: season: allyear", templates},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("charts (-want +got):\n%s", diff)
	}
}

// What an exercise is built on: 1.1.0 differs from 1.0.0 in what its pods are asked for when they are to be ready, and
// nowhere else; 2.0.0 asks for the right thing again, and checks its values.
func TestOnlyTheSecondVersionIsBroken(t *testing.T) {
	_, read := loaded(t)
	deployments := make([]string, 0, len(read))
	for _, c := range read {
		for _, file := range c.Templates {
			if file.Name == "templates/deployment.yaml" {
				deployments = append(deployments, string(file.Data))
			}
		}
	}
	if want := strings.Replace(deployments[0], "path: /readyz", "path: /ready", 1); want == deployments[0] || want != deployments[1] {
		t.Errorf("1.0.0 and 1.1.0 differ in more, or less:\n%s", cmp.Diff(deployments[0], deployments[1]))
	}
	if !strings.Contains(deployments[2], "path: /readyz") {
		t.Error("2.0.0 is broken, too")
	}
	for i, want := range []bool{false, false, true} {
		if got := len(read[i].Schema) > 0; got != want {
			t.Errorf("%s checks its values: %v, want %v", read[i].Metadata.Version, got, want)
		}
	}
}

func TestPackingAgainChangesNothing(t *testing.T) {
	first, _ := loaded(t)
	second, _ := loaded(t)
	for i := range first {
		if !bytes.Equal(first[i].Archive, second[i].Archive) {
			t.Errorf("%s is another archive", first[i].File)
		}
	}
}

func TestIndex(t *testing.T) {
	packed, _ := loaded(t)
	text, err := index(packed)
	if err != nil {
		t.Fatal(err)
	}
	type entry struct{ Name, Version, APIVersion, Digest, Created, URL string }
	var read struct {
		APIVersion string `json:"apiVersion"`
		Entries    map[string][]struct {
			chart.Metadata
			URLs            []string `json:"urls"`
			Digest, Created string
		}
	}
	if err := yaml.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	var got []entry
	for _, e := range read.Entries["shop"] {
		got = append(got, entry{e.Name, e.Version, e.APIVersion, e.Digest, e.Created, strings.Join(e.URLs, " ")})
	}
	const created = "2026-01-01T00:00:00Z"
	want := []entry{
		{Name: "shop", Version: "2.0.0", APIVersion: "v2", Created: created, URL: "shop-2.0.0.tgz"},
		{Name: "shop", Version: "1.1.0", APIVersion: "v2", Created: created, URL: "shop-1.1.0.tgz"},
		{Name: "shop", Version: "1.0.0", APIVersion: "v2", Created: created, URL: "shop-1.0.0.tgz"},
	}
	if diff := cmp.Diff(want, got); diff != "" || read.APIVersion != "v1" || len(read.Entries) != 1 {
		t.Errorf("index %s of %d charts (-want +got):\n%s", read.APIVersion, len(read.Entries), diff)
	}
}
