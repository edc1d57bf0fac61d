package catalog

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence"
)

// stored is a catalog with the identities that the API server gives.
func stored() (*v1beta1.Topic, *v1beta1.Exercise, *v1beta1.AnswerKey) {
	topic, exercise, key := aTopic("kubernetes", "hpa-scaling"), anExercise("hpa-scaling"), aKey("kubernetes")
	topic.UID, exercise.UID, key.UID = types.UID("topic"), types.UID("exercise"), types.UID("key")
	topic.Generation, exercise.Generation, key.Generation = 1, 1, 1
	return topic, exercise, key
}

func current(t *testing.T, c *Cache, topic *v1beta1.Topic, exercise *v1beta1.Exercise, key *v1beta1.AnswerKey) Candidate {
	t.Helper()
	found, err := c.Current(v1beta1.LabSpec{Topic: "kubernetes", Exercise: "hpa-scaling"}, topic, exercise, key, cluster{})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestCurrentFollowsTheCatalog(t *testing.T) {
	c := NewCache()
	topic, exercise, key := stored()
	first := current(t, c, topic, exercise, key)
	if first.Refusal != nil || first.Compiled == nil || first.Name != NewBundle(exercise, topic, key).Name() || first.Compiled.Name != first.Name {
		t.Fatalf("found %+v", first)
	}
	if again := current(t, c, topic, exercise, key); again.Compiled != first.Compiled {
		t.Error("the same catalog is compiled again")
	}
	exercise.Generation++
	if same := current(t, c, topic, exercise, key); same.Compiled != first.Compiled {
		t.Error("the same content is compiled again")
	}
	exercise.Spec.Title = "Scale more"
	exercise.Generation++
	if other := current(t, c, topic, exercise, key); other.Name == first.Name || other.Compiled == nil {
		t.Errorf("found %+v", other)
	}
}

func TestCurrentRefuses(t *testing.T) {
	topic, exercise, key := stored()
	unknown := exercise.DeepCopy()
	unknown.Spec.Setup = append(unknown.Spec.Setup, raw(`{"apiVersion":"v1","kind":"Thing","metadata":{"name":"a"}}`))
	unknown.Generation = 2
	c := NewCache()
	if found := current(t, c, nil, nil, nil); found.Name != "" || found.Refusal == nil || found.Refusal.Reason != v1beta1.ReasonTopicNotFound {
		t.Errorf("without a topic there is %+v", found)
	}
	refused := current(t, c, topic, unknown, key)
	if refused.Refusal == nil || refused.Refusal.Reason != v1beta1.ReasonInvalidExercise || refused.Name == "" || refused.Compiled != nil {
		t.Errorf("an unknown kind gives %+v", refused)
	}
	if _, err := c.Current(v1beta1.LabSpec{Topic: "kubernetes"}, topic, exercise, key, cluster{down: true}); !errors.Is(err, errDiscovery) {
		t.Errorf("without discovery the error is %v", err)
	}
	exercise.Spec.Tasks[0].Checks[0].Expression = "1"
	for range 2 {
		if found := current(t, c, topic, exercise, key); found.Refusal == nil || found.Name == "" {
			t.Errorf("a check that does not compile gives %+v", found)
		}
	}
}

func TestAPinIsReadAndCompiledOnce(t *testing.T) {
	c, b := NewCache(), aBundle()
	var reads atomic.Int32
	found := make([]*Compiled, 16)
	var wait sync.WaitGroup
	for i := range found {
		wait.Go(func() {
			found[i], _, _ = c.Pinned(b.Name(), func() (Pin, error) {
				reads.Add(1)
				return pinOf(b), nil
			})
		})
	}
	wait.Wait()
	for i, compiled := range found {
		if compiled == nil || compiled != found[0] {
			t.Fatalf("caller %d has another program", i)
		}
	}
	if n := reads.Load(); n != 1 {
		t.Errorf("the pin was read %d times", n)
	}
	topic, exercise, key := stored()
	if now := current(t, c, topic, exercise, key); now.Compiled != found[0] {
		t.Error("the catalog is compiled again")
	}
}

func TestAPinThatCannotBeReadIsReadAgain(t *testing.T) {
	c, b := NewCache(), aBundle()
	gone := errors.New("gone")
	if _, _, err := c.Pinned(b.Name(), func() (Pin, error) { return Pin{}, gone }); !errors.Is(err, gone) {
		t.Errorf("error %v", err)
	}
	if compiled, refusal, err := c.Pinned(b.Name(), func() (Pin, error) { return pinOf(b), nil }); compiled == nil || refusal != nil || err != nil {
		t.Errorf("compiled %v, refusal %v, error %v", compiled, refusal, err)
	}
}

func TestAPinWithProblemsIsRefused(t *testing.T) {
	c, b := NewCache(), aBundle()
	b.Exercise.Tasks[0].Checks[0].Expression = "1"
	for range 2 {
		compiled, refusal, err := c.Pinned(b.Name(), func() (Pin, error) { return pinOf(b), nil })
		if compiled != nil || refusal == nil || refusal.Reason != v1beta1.ReasonInvalidExercise || err != nil {
			t.Errorf("compiled %v, refusal %v, error %v", compiled, refusal, err)
		}
	}
}

func TestSourcesAreListedOnce(t *testing.T) {
	compiled, lists := &Compiled{}, 0
	list := func(*Compiled) ([]evidence.Source, error) {
		lists++
		return []evidence.Source{{Name: "pods"}}, nil
	}
	for range 2 {
		if sources, err := compiled.Sources(list); err != nil || len(sources) != 1 {
			t.Errorf("sources %v, error %v", sources, err)
		}
	}
	if lists != 1 {
		t.Errorf("they were listed %d times", lists)
	}
}
