//go:build cluster

package security

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

const (
	// changes is how often the change of a bystander is measured, quiet and in a flood.
	changes = 40
	// pace is slower than the operator keeps back a lab that flaps.
	pace = 250 * time.Millisecond
	// slowest is how many times its own latency a flood may cost another lab.
	slowest = 20
	// writers is how many requests a flood has under way.
	writers = 8
)

// byFloods are attacks by mere numbers.
func (s *stage) byFloods() map[string]attack {
	in := s.mallory.environment
	of := func(kind, rest string) func(i int) client.Object {
		return func(i int) client.Object {
			return object(in, fmt.Sprintf(`{kind: %s, metadata: {name: flood-%d, labels: {flood: "yes"}}, %s}`, kind, i, rest))
		}
	}
	template := func(more string) string {
		return fmt.Sprintf(`template: {metadata: {labels: {flood: "yes"}}, spec: %s}`, podSpec(more))
	}
	full := func(build func(int) client.Object, words string) attack {
		return attack{gain: "the cluster, full of one's objects", try: func(t *testing.T) { s.fill(t, build, words) }}
	}
	return map[string]attack{
		"of ConfigMaps":  full(of("ConfigMap", `apiVersion: v1`), "count/configmaps=1"),
		"of Secrets":     full(of("Secret", `apiVersion: v1`), "count/secrets=1"),
		"of Services":    full(of("Service", `apiVersion: v1, spec: {clusterIP: None, ports: [{port: 80}]}`), "count/services=1"),
		"of accounts":    full(of("ServiceAccount", `apiVersion: v1`), "count/serviceaccounts=1"),
		"of claims":      full(of("PersistentVolumeClaim", `apiVersion: v1, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}`), "persistentvolumeclaims=1"),
		"of storage":     full(of("PersistentVolumeClaim", `apiVersion: v1, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 600Mi}}}`), "requests.storage=600Mi"),
		"of pods":        full(of("Pod", `apiVersion: v1, spec: `+podSpec("")), "limits.ephemeral-storage=1Gi,limits.memory=85Mi,pods=1"),
		"of Deployments": full(of("Deployment", `apiVersion: apps/v1, spec: {replicas: 0, selector: {matchLabels: {flood: "yes"}}, `+template("")+`}`), "count/deployments.apps=1"),
		"of Jobs":        full(of("Job", `apiVersion: batch/v1, spec: {suspend: true, `+template("restartPolicy: Never,")+`}`), "count/jobs.batch=1"),
		"of CronJobs":    full(of("CronJob", `apiVersion: batch/v1, spec: {suspend: true, schedule: "* * * * *", jobTemplate: {spec: {`+template("restartPolicy: Never,")+`}}}`), "count/cronjobs.batch=1"),
		"of autoscalers": full(of("HorizontalPodAutoscaler", `apiVersion: autoscaling/v2, spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: none}}`), "count/horizontalpodautoscalers.autoscaling=1"),
		"of everything at once, beside another lab": {gain: "an operator that has no time for others", try: s.flood},
	}
}

// fill makes objects until the quota takes no more.
func (s *stage) fill(t *testing.T, build func(int) client.Object, words string) {
	t.Helper()
	first := build(0)
	defer func() {
		must(t, s.mallory.client.DeleteAllOf(background(t), first, client.InNamespace(first.GetNamespace()), client.MatchingLabels{"flood": "yes"},
			client.PropagationPolicy(metav1.DeletePropagationBackground)))
		eventually(t, "the flood is gone", func() bool {
			left := &metav1.PartialObjectMetadataList{}
			left.SetGroupVersionKind(first.GetObjectKind().GroupVersionKind())
			left.Kind += "List"
			must(t, s.admin.List(t.Context(), left, client.InNamespace(first.GetNamespace()), client.MatchingLabels{"flood": "yes"}))
			return len(left.Items) == 0
		})
	}()
	taken, refused := untilRefused(200, func(i int) error { return s.mallory.client.Create(t.Context(), build(i)) })
	if err := overQuota(words).check(refused); err != nil {
		t.Errorf("after %d: %v", taken, err)
	}
	if taken == 0 {
		t.Errorf("not even one was taken: it is not well-formed")
	}
}

// untilRefused makes objects, at most so many, until one is refused, and returns how many were taken. A conflict decides nothing:
// the quota was being counted anew at that moment.
func untilRefused(most int, create func(i int) error) (taken int, refused error) {
	for tries := 0; taken < most && refused == nil && tries < 2*most; tries++ {
		switch err := create(taken); {
		case err == nil:
			taken++
		case !apierrors.IsConflict(err):
			refused = err
		}
	}
	return taken, refused
}

// flood does all at once what a learner can do often, while another learner works, and compares.
func (s *stage) flood(t *testing.T) {
	flapping := labOf(types.NamespacedName{Namespace: malloryHome, Name: "sec-flap"}, rangeName)
	s.make(t, flapping)
	s.untilReady(t, client.ObjectKeyFromObject(flapping))
	quiet := s.measure(t)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var requests, refused atomic.Int64
	var all sync.WaitGroup
	again := func(do func(i int) error) {
		all.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				requests.Add(1)
				if do(i) != nil {
					refused.Add(1)
				}
			}
		})
	}
	for w := range writers {
		again(func(i int) error { return s.flapNote(ctx, w, i) })
	}
	again(func(i int) error {
		return patch(labOf(s.mallory.lab, ""), answers(64, fmt.Sprintf("%0200d", i))).do(ctx, s.mallory.client)
	})
	asAPerson := time.NewTicker(time.Second)
	defer asAPerson.Stop()
	again(func(i int) error {
		body := fmt.Sprintf(`{"spec":{"environment":%q}}`, []string{"Absent", "Present"}[i%2])
		<-asAPerson.C // more would be lost in one reconcile
		return patch(flapping, body).do(ctx, s.mallory.client)
	})
	again(func(i int) error { return s.failingPod(ctx, i) })
	again(func(int) error {
		return s.mallory.client.List(ctx, &corev1.ConfigMapList{}, client.InNamespace(s.mallory.environment))
	})
	flooded := s.measure(t)
	stop()
	all.Wait()

	ratio := float64(percentile(flooded, 50)) / float64(percentile(quiet, 50))
	fmt.Printf("security: another lab's change to status: p50 %s, p99 %s when quiet; p50 %s, p99 %s in a flood of %d requests in %s, %d of them refused: p50 x%.1f, p99 x%.1f\n",
		percentile(quiet, 50), percentile(quiet, 99), percentile(flooded, 50), percentile(flooded, 99), requests.Load(), (changes * pace).Round(time.Second), refused.Load(),
		ratio, float64(percentile(flooded, 99))/float64(percentile(quiet, 99)))
	if ratio > slowest {
		t.Errorf("the flood made another lab %.1f times slower, more than %d times", ratio, slowest)
	}
	must(t, patch(labOf(s.mallory.lab, ""), `{"spec":{"answers":null}}`).do(t.Context(), s.mallory.client))
	must(t, s.mallory.client.DeleteAllOf(t.Context(), &corev1.Pod{}, client.InNamespace(s.mallory.environment), client.MatchingLabels{"flood": "yes"}, client.GracePeriodSeconds(0)))
	s.neverOurFault(t, s.alice)
	s.neverOurFault(t, s.mallory)
	s.stillJudged(t)
}

// flapNote writes what a task looks at, small and now and then large.
func (s *stage) flapNote(ctx context.Context, writer, i int) error {
	note := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.mallory.environment, Name: fmt.Sprintf("flood-%d", writer)}}
	note.Labels = map[string]string{"few": "yes"}
	if writer == 0 {
		note.Name = "note"
	}
	note.Data = map[string]string{"word": fmt.Sprint(i)}
	if i%50 == 0 {
		note.Data["more"] = strings.Repeat("x", 60<<10)
	}
	if i%10 == 9 {
		return client.IgnoreNotFound(s.mallory.client.Delete(ctx, note))
	}
	err := s.mallory.client.Update(ctx, note)
	if client.IgnoreNotFound(err) == nil && err != nil {
		err = s.mallory.client.Create(ctx, note)
	}
	return err
}

// failingPod makes a pod that cannot run, of which there are events, and takes it away again.
func (s *stage) failingPod(ctx context.Context, i int) error {
	pod := plainPod(s.mallory.environment, fmt.Sprintf("flood-%d", i%4))
	pod.Labels = map[string]string{"flood": "yes"}
	pod.Spec.Containers[0].Image = "lab-operator/no-such-image:none"
	if err := s.mallory.client.Create(ctx, pod); err != nil {
		return s.mallory.client.Delete(ctx, pod, client.GracePeriodSeconds(0))
	}
	return nil
}

// measure has alice write word after word, and tells how long each took to be seen.
func (s *stage) measure(t *testing.T) []time.Duration {
	t.Helper()
	labs, err := s.alice.client.Watch(t.Context(), &v1beta1.LabList{}, client.InNamespace(s.alice.lab.Namespace))
	must(t, err)
	defer labs.Stop()
	ticks := time.NewTicker(pace)
	defer ticks.Stop()
	var took []time.Duration
	for range changes {
		word := fmt.Sprintf("word-%d", wordCount.Add(1))
		began := time.Now()
		s.say(t, s.alice, word)
		untilShown(t, labs, "the word is "+word)
		took = append(took, time.Since(began))
		<-ticks.C
	}
	return took
}

func untilShown(t *testing.T, labs watch.Interface, words string) {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case event, open := <-labs.ResultChan():
			if !open {
				t.Fatal("the watch of the learner has ended")
			}
			if lab, ok := event.Object.(*v1beta1.Lab); ok && taskOf(lab, "say").Observed == words {
				return
			}
		case <-late:
			t.Fatalf("the other lab makes no progress: it never showed: %s", words)
		}
	}
}

func percentile(durations []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(durations))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)].Round(100 * time.Microsecond)
}
