package operator

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// TestTheOperatorStopsWhileItsCachesFill stops an operator whose API server has not answered the first list yet.
func TestTheOperatorStopsWhileItsCachesFill(t *testing.T) {
	documents := kindsServed(t)
	listed := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if known, ok := documents[r.URL.Path]; ok {
			w.Header().Set("Content-Type", "application/json")
			if err := json.NewEncoder(w).Encode(known); err != nil {
				t.Error(err)
			}
			return
		}
		select {
		case listed <- struct{}{}:
		default:
		}
		<-r.Context().Done()
	}))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	mgr, err := newManager(&rest.Config{Host: server.URL}, Options{MetricsAddress: "0"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	informer, err := mgr.GetCache().GetInformer(ctx, &v1beta1.Lab{}, cache.BlockUntilSynced(false))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	<-listed
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ends with %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it does not end")
	}
	if informer.HasSynced() {
		t.Error("the cache is in sync, with no answer of the API server")
	}
}

// kindsServed is what an API server says of the kinds that the operator caches, by path.
func kindsServed(t *testing.T) map[string]any {
	scheme, err := Scheme()
	if err != nil {
		t.Fatal(err)
	}
	groups := metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}}
	served := map[string]*metav1.APIResourceList{}
	for _, object := range cachedKinds() {
		kind, err := apiutil.GVKForObject(object, scheme)
		if err != nil {
			t.Fatal(err)
		}
		version := metav1.GroupVersionForDiscovery{GroupVersion: kind.GroupVersion().String(), Version: kind.Version}
		path := "/apis/" + version.GroupVersion
		if kind.Group == "" {
			path = "/api/" + kind.Version
		}
		if served[path] == nil {
			served[path] = &metav1.APIResourceList{GroupVersion: version.GroupVersion}
			if kind.Group != "" {
				groups.Groups = append(groups.Groups, metav1.APIGroup{
					Name: kind.Group, Versions: []metav1.GroupVersionForDiscovery{version}, PreferredVersion: version,
				})
			}
		}
		plural, singular := meta.UnsafeGuessKindToResource(kind)
		served[path].APIResources = append(served[path].APIResources, metav1.APIResource{
			Name: plural.Resource, SingularName: singular.Resource, Namespaced: kind.Kind != "Namespace", Kind: kind.Kind,
			Verbs: metav1.Verbs{"list", "watch"},
		})
	}
	documents := map[string]any{
		"/api":  metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}},
		"/apis": groups,
	}
	for path, resources := range served {
		documents[path] = resources
	}
	return documents
}
