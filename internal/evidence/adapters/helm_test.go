package adapters

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

const (
	configMapYAML = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"
	serviceYAML   = "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
)

// helmReach is a namespace with some Secrets and some objects.
type helmReach struct {
	probe.Dialer
	secrets []corev1.Secret
	// live objects by Kind/name.
	live map[string]*unstructured.Unstructured
	// refused kinds may not be read.
	refused string
}

func (r *helmReach) SecretsMetadata(_ context.Context, selector string) ([]metav1.PartialObjectMetadata, error) {
	matches, err := labels.Parse(selector)
	if err != nil {
		return nil, err
	}
	var found []metav1.PartialObjectMetadata
	for _, secret := range r.secrets {
		if matches.Matches(labels.Set(secret.Labels)) {
			found = append(found, metav1.PartialObjectMetadata{ObjectMeta: secret.ObjectMeta})
		}
	}
	return found, nil
}

func (r *helmReach) Secrets() corev1client.SecretInterface {
	clients := fake.NewClientset()
	for i := range r.secrets {
		if err := clients.Tracker().Add(&r.secrets[i]); err != nil {
			panic(err)
		}
	}
	return clients.CoreV1().Secrets("lab-a")
}

func (r *helmReach) Object(_ context.Context, kind schema.GroupVersionKind, name string) (*unstructured.Unstructured, error) {
	if kind.Kind == r.refused {
		return nil, &probe.Fault{Message: "may not read " + kind.Kind, Lasting: true}
	}
	return r.live[kind.Kind+"/"+name], nil
}

// record is what helm stores of a revision, with an edit.
func record(t *testing.T, revision int, status, manifest string, edit func(map[string]any)) corev1.Secret {
	t.Helper()
	release := map[string]any{
		"name": "web", "namespace": "lab-a", "version": revision, "manifest": manifest,
		"info": map[string]any{
			"status": status, "description": "Upgrade complete",
			"first_deployed": "2026-03-01T10:00:00Z", "last_deployed": "2026-03-01T10:05:00Z",
		},
		"chart":  map[string]any{"metadata": map[string]any{"name": "shop", "version": "1.2.3", "appVersion": "9", "apiVersion": "v2"}},
		"config": map[string]any{"replicas": 3, "share": 0.5, "image": map[string]any{"tag": "9"}, "ports": []int{80}},
	}
	if edit != nil {
		edit(release)
	}
	text, err := json.Marshal(release)
	if err != nil {
		t.Fatal(err)
	}
	return secretOf(revision, status, pack(t, text))
}

func secretOf(revision int, status string, packed []byte) corev1.Secret {
	return corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Name: fmt.Sprintf("sh.helm.release.v1.web.v%d", revision), Namespace: "lab-a",
			Labels: map[string]string{"owner": "helm", "name": "web", "status": status, "version": fmt.Sprint(revision)},
		},
		Type: "helm.sh/release.v1",
		Data: map[string][]byte{"release": packed},
	}
}

func pack(t testing.TB, text []byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return []byte(base64.StdEncoding.EncodeToString(packed.Bytes()))
}

func liveObject(kind, owner string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": kind}}
	object.SetName("web")
	if owner != "" {
		object.SetAnnotations(map[string]string{helmOwner: owner})
	}
	return object
}

func helmSpec() *v1beta1.ProbeEvidence {
	return &v1beta1.ProbeEvidence{Helm: &v1beta1.HelmEvidence{Release: "web"}}
}

func TestHelmRelease(t *testing.T) {
	web := liveObject("ConfigMap", "web")
	// The label says failed, and the record does not.
	relabelled := record(t, 8, "superseded", "", nil)
	relabelled.Labels["status"] = "failed"
	dialer := &helmReach{
		secrets: []corev1.Secret{
			record(t, 10, "deployed", configMapYAML+serviceYAML, nil),
			record(t, 9, "superseded", configMapYAML, nil),
			relabelled,
			record(t, 2, "failed", "", nil),
			{ObjectMeta: metav1.ObjectMeta{Name: "x", Namespace: "lab-a", Labels: map[string]string{"owner": "helm", "name": "web", "version": "11"}}},
		},
		live: map[string]*unstructured.Unstructured{"ConfigMap/web": web, "Service/web": liveObject("Service", "another")},
	}
	got, err := probeOnce(t, helmAdapter(), dialer, helmSpec(), probe.DefaultTimeout)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"revision": int64(10), "status": "deployed", "description": "Upgrade complete",
		"chart":         map[string]any{"name": "shop", "version": "1.2.3", "appVersion": "9"},
		"values":        map[string]any{"replicas": int64(3), "share": 0.5, "image": map[string]any{"tag": "9"}, "ports": []any{int64(80)}},
		"firstDeployed": time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC), "lastDeployed": time.Date(2026, 3, 1, 10, 5, 0, 0, time.UTC),
		"history": []any{
			map[string]any{"revision": int64(2), "status": "failed", "description": "Upgrade complete", "chartVersion": "1.2.3"},
			map[string]any{"revision": int64(8), "status": "superseded", "description": "Upgrade complete", "chartVersion": "1.2.3"},
			map[string]any{"revision": int64(9), "status": "superseded"},
			map[string]any{"revision": int64(10), "status": "deployed", "description": "Upgrade complete", "chartVersion": "1.2.3"},
		},
		"objects": []any{
			map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "name": "web", "live": true, "object": web.Object},
			map[string]any{"apiVersion": "v1", "kind": "Service", "name": "web", "live": false},
		},
		"missing": []any{"Service/web"},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApproxTime(0)); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestHelmRecordsThatHelmDidNotWrite(t *testing.T) {
	bomb := secretOf(1, "deployed", pack(t, bytes.Repeat([]byte{' '}, helmRecordSize+1)))
	many := strings.Repeat(configMapYAML, helmObjects+1)
	tests := map[string]struct {
		secrets []corev1.Secret
		refused string
		want    failed
		// wantMissing is what is said of the objects, where the record can be read.
		wantMissing []any
	}{
		"there is none":                {want: failed{probe.NotFound, "there is no Helm release web"}},
		"nothing is in it":             {secrets: []corev1.Secret{secretOf(1, "deployed", nil)}, want: forged},
		"it is no base64":              {secrets: []corev1.Secret{secretOf(1, "deployed", []byte("%%%"))}, want: forged},
		"it is no gzip":                {secrets: []corev1.Secret{secretOf(1, "deployed", []byte("aGVsbG8="))}, want: forged},
		"it is no JSON":                {secrets: []corev1.Secret{secretOf(1, "deployed", pack(t, []byte("hello")))}, want: forged},
		"it is empty":                  {secrets: []corev1.Secret{secretOf(1, "deployed", pack(t, []byte("{}")))}, want: forged},
		"it is of another release":     {secrets: []corev1.Secret{record(t, 1, "deployed", "", func(r map[string]any) { r["name"] = "other" })}, want: forged},
		"it is of another revision":    {secrets: []corev1.Secret{record(t, 1, "deployed", "", func(r map[string]any) { r["version"] = 7 })}, want: forged},
		"it tells nothing":             {secrets: []corev1.Secret{record(t, 1, "deployed", "", func(r map[string]any) { delete(r, "info") })}, want: forged},
		"it unpacks to a large text":   {secrets: []corev1.Secret{bomb}, want: failed{probe.TooLarge, "the record of the Helm release unpacks to more than 4 MiB"}},
		"its manifest is no YAML":      {secrets: []corev1.Secret{record(t, 1, "deployed", "\t{", nil)}, want: forged, wantMissing: []any{}},
		"its manifest names no object": {secrets: []corev1.Secret{record(t, 1, "deployed", "a: b", nil)}, want: forged, wantMissing: []any{}},
		"its manifest leads elsewhere": {
			secrets: []corev1.Secret{record(t, 1, "deployed", strings.Replace(configMapYAML, "name: web", "name: ../../other/configmaps/web", 1), nil)},
			want:    forged, wantMissing: []any{},
		},
		"its manifest has too many objects": {
			secrets: []corev1.Secret{record(t, 1, "deployed", many, nil)},
			want:    failed{probe.TooLarge, "Helm release web has more than 30 objects"}, wantMissing: []any{},
		},
		"its manifest is too large": {
			secrets: []corev1.Secret{record(t, 1, "deployed", strings.Repeat("# \n", helmManifestSize/3+1), nil)},
			want:    failed{probe.TooLarge, "the manifest of Helm release web is larger than 1024 KiB"}, wantMissing: []any{},
		},
		"its objects are not there": {
			secrets: []corev1.Secret{record(t, 1, "deployed", configMapYAML+serviceYAML, nil)}, wantMissing: []any{"ConfigMap/web", "Service/web"},
		},
		"its objects are of a kind that may not be read": {
			secrets: []corev1.Secret{record(t, 1, "deployed", configMapYAML, nil)}, refused: "ConfigMap", wantMissing: []any{"ConfigMap/web"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := probeOnce(t, helmAdapter(), &helmReach{secrets: tc.secrets, refused: tc.refused}, helmSpec(), probe.DefaultTimeout)
			if failure := failedWith(t, err); failure != tc.want {
				t.Errorf("it is %v, want %v", failure, tc.want)
			}
			missing, _ := got["missing"].([]any)
			if diff := cmp.Diff(tc.wantMissing, missing); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
		})
	}
}

var forged = failed{probe.Malformed, "the record of Helm release web is not as helm writes it"}

// FuzzHelmRecord gives the adapter records that unpack to anything, and such that do not unpack.
func FuzzHelmRecord(f *testing.F) {
	f.Add([]byte("{}"), true)
	f.Add([]byte(`{"name":"web","version":1,"info":{"status":"deployed"},"manifest":"---\nkind: ConfigMap\nmetadata: {name: a}\n"}`), true)
	f.Add([]byte(`{"name":"web","version":1,"info":{},"chart":{"metadata":{}},"config":{"a":[1,1.5,null,{"b":"c"}]},"manifest":"a: &a [*a]"}`), true)
	f.Add([]byte(`{"name":"web","version":1,"info":{"status":7}}`), true)
	f.Add([]byte("H4sIAAAAAAAA"), false)
	f.Add([]byte("H4sIAAAAAAAA/6qu5QIAAAD//w=="), false)
	adapter := helmAdapter()
	f.Fuzz(func(t *testing.T, content []byte, packed bool) {
		if packed {
			content = pack(t, content)
		}
		dialer := &helmReach{secrets: []corev1.Secret{secretOf(1, "deployed", content)}}
		values, err := adapter.Probe(t.Context(), dialer, helmSpec())
		if err != nil {
			failedWith(t, err)
		}
		mustBePlain(t, adapter.Name, values)
	})
}
