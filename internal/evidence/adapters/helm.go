package adapters

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"helm.sh/helm/v4/pkg/release/common"
	"helm.sh/helm/v4/pkg/storage/driver"

	release "helm.sh/helm/v4/pkg/release/v1"
	"k8s.io/apimachinery/pkg/api/validate/content"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

const (
	// helmObjects is how many objects of a manifest are probed.
	helmObjects = 30
	// helmOwner is the annotation by which helm says which release an object belongs to.
	helmOwner = "meta.helm.sh/release-name"
	// helmFailures is how many records of failed revisions are read.
	helmFailures = 3
)

func helmAdapter() probe.Adapter {
	return probe.Adapter{
		Name: "helm",
		Fields: []probe.Field{
			{Name: "revision", Type: "int", Doc: "the newest revision"},
			{Name: "status", Type: "string", Doc: "its status, as helm status shows it: deployed, failed, pending-upgrade, ..."},
			{Name: "description", Type: "string", Doc: "what helm says of it, as in Rollback to 1"},
			{Name: "chart.name", Type: "string", Doc: "the name of the chart"},
			{Name: "chart.version", Type: "string", Doc: "the version of the chart"},
			{Name: "chart.appVersion", Type: "string", Doc: "the version of what the chart installs"},
			{Name: "values", Type: "map", Doc: "the values that were given, without the chart's own defaults"},
			{Name: "firstDeployed", Type: "timestamp", Doc: "when the release was installed"},
			{Name: "lastDeployed", Type: "timestamp", Doc: "when this revision was deployed"},
			{Name: "history", Type: "list", Doc: "all revisions that are kept, the oldest first, each with revision and status; " +
				"the newest and the last failed ones with description and chartVersion as well"},
			{Name: "objects", Type: "list", Doc: "the objects of the manifest, each with apiVersion, kind, name, live (whether it is there and helm's) " +
				"and, where it is, object: its live content"},
			{Name: "missing", Type: "list", Doc: "those of them that are not there or not helm's, as Kind/name"},
		},
		Probe: func(ctx context.Context, dialer probe.Dialer, spec *v1beta1.ProbeEvidence) (map[string]any, error) {
			return probeHelm(ctx, dialer, spec.Helm.Release)
		},
	}
}

func probeHelm(ctx context.Context, dialer probe.Dialer, name string) (map[string]any, error) {
	records, err := dialer.SecretsMetadata(ctx, labels.Set{"owner": "helm", "name": name}.String())
	if err != nil {
		return nil, err
	}
	revisions := helmRevisions(name, records)
	if len(revisions) == 0 {
		return nil, probe.Failf(probe.NotFound, "there is no Helm release %s", name)
	}
	newest := revisions[len(revisions)-1]
	stored := driver.NewSecrets(boundedSecrets{dialer.Secrets(), ctx})
	rel, err := newest.read(stored, name)
	if err != nil {
		return nil, err
	}
	values := helmValues(rel)
	values["history"], err = helmHistory(stored, rel, revisions)
	if err != nil {
		return nil, err
	}
	objects, missing, err := helmLive(ctx, dialer, rel)
	values["objects"], values["missing"] = objects, missing
	return values, err
}

// helmRevision is a revision as the labels of its record tell it.
type helmRevision struct {
	revision int
	status   string
	secret   string
}

// helmRevisions reads the records of a release, the oldest first. What helm would not have written is not one.
func helmRevisions(name string, records []metav1.PartialObjectMetadata) []helmRevision {
	var revisions []helmRevision
	for _, record := range records {
		number, err := strconv.Atoi(record.Labels["version"])
		if err != nil || record.Name != fmt.Sprintf("sh.helm.release.v1.%s.v%d", name, number) {
			continue
		}
		revisions = append(revisions, helmRevision{number, record.Labels["status"], record.Name})
	}
	slices.SortFunc(revisions, func(a, b helmRevision) int { return a.revision - b.revision })
	return revisions
}

// read decodes the record of a revision. A record whose labels tell of another revision than its content is forged.
func (r helmRevision) read(stored *driver.Secrets, name string) (*release.Release, error) {
	record, err := stored.Get(r.secret)
	if errors.Is(err, driver.ErrReleaseNotFound) {
		return nil, probe.Failf(probe.NotFound, "there is no Helm release %s", name)
	}
	if err != nil {
		return nil, sortHelm(name, err)
	}
	rel, ok := record.(*release.Release)
	if !ok || rel.Name != name || rel.Version != r.revision || rel.Info == nil {
		return nil, forgedHelm(name)
	}
	return rel, nil
}

// helmHistory lists the revisions. Of those that failed, up to helmFailures, the record is read as well: a label is soon written.
func helmHistory(stored *driver.Secrets, newest *release.Release, revisions []helmRevision) ([]any, error) {
	history := make([]any, len(revisions))
	left := helmFailures
	for i, r := range slices.Backward(revisions) {
		entry := map[string]any{"revision": int64(r.revision), "status": r.status}
		rel := newest
		if r.revision != newest.Version {
			rel = nil
			if r.status == common.StatusFailed.String() && left > 0 {
				left--
				var err error
				if rel, err = r.read(stored, newest.Name); err != nil {
					return nil, err
				}
			}
		}
		if rel != nil {
			entry["status"], entry["description"], entry["chartVersion"] = rel.Info.Status.String(), rel.Info.Description, ""
			if rel.Chart != nil && rel.Chart.Metadata != nil {
				entry["chartVersion"] = rel.Chart.Metadata.Version
			}
		}
		history[i] = entry
	}
	return history, nil
}

func helmValues(rel *release.Release) map[string]any {
	values := map[string]any{
		"revision": int64(rel.Version), "status": rel.Info.Status.String(), "description": rel.Info.Description,
		"firstDeployed": rel.Info.FirstDeployed, "lastDeployed": rel.Info.LastDeployed,
		"values": map[string]any{}, "chart": map[string]any{},
	}
	if rel.Config != nil {
		values["values"] = wholeNumbers(rel.Config)
	}
	if rel.Chart != nil && rel.Chart.Metadata != nil {
		values["chart"] = map[string]any{
			"name": rel.Chart.Metadata.Name, "version": rel.Chart.Metadata.Version, "appVersion": rel.Chart.Metadata.AppVersion,
		}
	}
	return values
}

// helmLive probes for the objects of a release's manifest: a record alone can be forged.
func helmLive(ctx context.Context, dialer probe.Dialer, rel *release.Release) (objects, missing []any, err error) {
	objects, missing = []any{}, []any{}
	manifest, err := helmManifest(rel)
	if err != nil {
		return objects, missing, err
	}
	for _, wanted := range manifest {
		kind := wanted.GroupVersionKind()
		live, err := dialer.Object(ctx, kind, wanted.GetName())
		// An object of a kind that cannot be read is as good as missing: to install one is the learner's doing.
		var fault *probe.Fault
		if err != nil && !(errors.As(err, &fault) && fault.Lasting) {
			return objects, missing, err
		}
		found := map[string]any{"apiVersion": wanted.GetAPIVersion(), "kind": kind.Kind, "name": wanted.GetName(), "live": false}
		if live != nil && live.GetAnnotations()[helmOwner] == rel.Name && live.GetDeletionTimestamp() == nil {
			live.SetManagedFields(nil)
			found["live"], found["object"] = true, live.Object
		} else {
			missing = append(missing, kind.Kind+"/"+wanted.GetName())
		}
		objects = append(objects, found)
	}
	return objects, missing, nil
}

// helmManifest reads the objects of a manifest.
func helmManifest(rel *release.Release) ([]*unstructured.Unstructured, error) {
	if len(rel.Manifest) > helmManifestSize {
		return nil, probe.Failf(probe.TooLarge, "the manifest of Helm release %s is larger than %d KiB", rel.Name, helmManifestSize>>10)
	}
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(rel.Manifest), 4<<10)
	var objects []*unstructured.Unstructured
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, forgedHelm(rel.Name)
		}
		if len(object.Object) == 0 {
			continue
		}
		// helm could not have installed what has no name, or one that would lead a request elsewhere.
		if object.GetKind() == "" || object.GetName() == "" || len(content.IsPathSegmentName(object.GetName())) > 0 {
			return nil, forgedHelm(rel.Name)
		}
		if len(objects) == helmObjects {
			return nil, probe.Failf(probe.TooLarge, "Helm release %s has more than %d objects", rel.Name, helmObjects)
		}
		objects = append(objects, object)
	}
}

func forgedHelm(name string) error {
	return probe.Failf(probe.Malformed, "the record of Helm release %s is not as helm writes it", name)
}

func sortHelm(name string, err error) error {
	var fault *probe.Fault
	var failure *probe.Failure
	switch {
	case errors.As(err, &fault):
		return fault
	case errors.As(err, &failure):
		return failure
	}
	return forgedHelm(name)
}

// wholeNumbers makes plain values out of decoded JSON or YAML: whole numbers are int64.
func wholeNumbers(value any) any {
	switch v := value.(type) {
	case float64:
		if whole := int64(v); float64(whole) == v {
			return whole
		}
	case int:
		return int64(v)
	case map[string]any:
		plain := make(map[string]any, len(v))
		for key, item := range v {
			plain[key] = wholeNumbers(item)
		}
		return plain
	case []any:
		plain := make([]any, len(v))
		for i, item := range v {
			plain[i] = wholeNumbers(item)
		}
		return plain
	}
	return value
}
