package proxy

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
)

// nameServer sends a watch event of an object whenever a name comes.
func nameServer(names <-chan string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := http.NewResponseController(w).Flush(); err != nil {
			return
		}
		for {
			select {
			case name := <-names:
				_, _ = fmt.Fprintf(w, `{"type":"ADDED","object":{"apiVersion":"v1","kind":"Thing","metadata":{"name":%q}}}`+"\n", name)
				if err := http.NewResponseController(w).Flush(); err != nil {
					return
				}
			case <-r.Context().Done():
				return
			}
		}
	}
}

func startWatch(t *testing.T, p *Proxy) watch.Interface {
	t.Helper()
	w, err := clientOf(t, p).Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	return w
}

func nameOf(event watch.Event) string {
	object, ok := event.Object.(*unstructured.Unstructured)
	if !ok {
		return fmt.Sprintf("%s %T", event.Type, event.Object)
	}
	return object.GetName()
}

func TestEventsFlowOneByOne(t *testing.T) {
	names := make(chan string)
	seen := make(chan Event, 2)
	p := startProxy(t, rules{event: func(event Event) EventAction { seen <- event; return EventAction{} }}, nameServer(names))
	w := startWatch(t, p)
	for _, name := range []string{"one", "two"} {
		names <- name // the server sends the next only when this one has come through
		if got := nameOf(<-w.ResultChan()); got != name {
			t.Errorf("the client sees %s, want %s", got, name)
		}
		want := Event{Type: "ADDED", Object: metav1.PartialObjectMetadata{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Thing"}, ObjectMeta: metav1.ObjectMeta{Name: name},
		}}
		if diff := cmp.Diff(want, <-seen); diff != "" {
			t.Errorf("the rules see (-want +got)\n%s", diff)
		}
	}
}

func TestWatchesEnd(t *testing.T) {
	for name, tc := range map[string]struct {
		end  End
		want []string
	}{
		"in the middle":         {Cut, []string{"one"}},
		"with an expired error": {Expire, []string{"one", "ERROR *v1.Status"}},
	} {
		t.Run(name, func(t *testing.T) {
			names := make(chan string, 2)
			names <- "one"
			names <- "two"
			p := startProxy(t, rules{event: func(Event) EventAction { return EventAction{End: tc.end} }}, nameServer(names))
			var got []string
			for event := range startWatch(t, p).ResultChan() {
				got = append(got, nameOf(event))
				if event.Type == watch.Error && !apierrors.IsResourceExpired(apierrors.FromObject(event.Object)) {
					t.Errorf("the error is %v", event.Object)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestEventsAreDelayed(t *testing.T) {
	const delay = 50 * time.Millisecond
	names := make(chan string, 1)
	p := startProxy(t, rules{event: func(Event) EventAction { return EventAction{Delay: delay} }}, nameServer(names))
	w := startWatch(t, p)
	began := time.Now()
	names <- "one"
	if got := nameOf(<-w.ResultChan()); got != "one" || time.Since(began) < delay {
		t.Errorf("%s came after %s", got, time.Since(began))
	}
}

func TestFrozenEventsWait(t *testing.T) {
	names := make(chan string)
	seen := make(chan Event, 2)
	p := startProxy(t, rules{event: func(event Event) EventAction { seen <- event; return EventAction{} }}, nameServer(names))
	w := startWatch(t, p)
	p.Freeze()
	p.Freeze() // twice is as good as once
	names <- "one"
	<-seen
	select {
	case event := <-w.ResultChan():
		t.Errorf("%s came through while the watch was frozen", nameOf(event))
	case <-time.After(50 * time.Millisecond):
	}
	p.Thaw()
	p.Thaw()
	if got := nameOf(<-w.ResultChan()); got != "one" {
		t.Errorf("after Thaw comes %s", got)
	}
}

func TestWatchesAskForLines(t *testing.T) {
	asked := make(chan string, 2)
	p := startProxy(t, rules{}, func(_ http.ResponseWriter, r *http.Request) {
		asked <- r.Header.Get("Accept") + " " + r.Header.Get("Accept-Encoding")
	})
	const metadata = "application/vnd.kubernetes.protobuf,application/json;as=PartialObjectMetadata"
	for _, tc := range []struct{ query, accept, want string }{
		{"?watch=true", metadata, "application/json;as=PartialObjectMetadata identity"},
		{"?watch=1", metadata, "application/json;as=PartialObjectMetadata identity"},
		{"?watch=true", "application/vnd.kubernetes.protobuf, */*", "application/json identity"},
		{"?watch=true", "", "application/json identity"},
		{"", metadata, metadata + " gzip"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL()+"/api/v1/things"+tc.query, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", tc.accept)
		resp, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if got := <-asked; got != tc.want {
			t.Errorf("with %q and %q the server is asked for %q, want %q", tc.query, tc.accept, got, tc.want)
		}
	}
}
