package images

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/docker"
)

// world is docker and a registry that are only told of.
type world struct {
	// has are the images of docker with the recipes they were built by, if they were.
	has map[string]string
	// pullErr is what the registry says to every pull.
	pullErr, buildErr error
	done              []string
}

func (w *world) ways(t *testing.T) *Ways {
	do := func(err error, format string, args ...any) error {
		w.done = append(w.done, fmt.Sprintf(format, args...))
		return err
	}
	return &Ways{
		Found: func(_ context.Context, ref string) (string, bool) {
			recipe, found := w.has[ref]
			return recipe, found
		},
		Pull:   func(_ context.Context, ref string) error { return do(w.pullErr, "pull %s", ref) },
		Build:  func(_ context.Context, image Image) error { return do(w.buildErr, "build %s", image.Dockerfile) },
		Recipe: func(Image) (string, error) { return "new", nil },
		StandIn: func(_ context.Context, image Image, recipe string) error {
			return do(w.buildErr, "stand-in %s by %s", image.Name, recipe)
		},
		Say: t.Logf,
	}
}

var redis = Image{Name: "redis", Ref: "redis:7"}

func TestEnsure(t *testing.T) {
	refused := errors.New("refused")
	for name, tc := range map[string]struct {
		world    world
		image    Image
		wantDone []string
		wantErr  string
	}{
		"ours is built each time": {
			world:    world{has: map[string]string{"web:dev": ""}},
			image:    Image{Name: "web", Ref: "web:dev", Dockerfile: "Dockerfile"},
			wantDone: []string{"build Dockerfile"},
		},
		"pulled before":          {world: world{has: map[string]string{redis.Ref: ""}}, image: redis},
		"replaced before":        {world: world{has: map[string]string{redis.Ref: "new"}}, image: redis},
		"registry in reach":      {image: redis, wantDone: []string{"pull " + redis.Ref}},
		"replaced by old recipe": {world: world{has: map[string]string{redis.Ref: "old"}, pullErr: refused}, image: redis, wantDone: []string{"pull " + redis.Ref, "stand-in redis by new"}},
		"registry out of reach":  {world: world{pullErr: refused}, image: redis, wantDone: []string{"pull " + redis.Ref, "stand-in redis by new"}},
		"no way": {
			world:    world{pullErr: refused, buildErr: errors.New("not as root")},
			image:    redis,
			wantDone: []string{"pull " + redis.Ref, "stand-in redis by new"},
			wantErr:  "no image redis: it can neither be pulled (refused) nor built: not as root",
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := tc.world.ways(t).Ensure(t.Context(), tc.image)
			if (err == nil) != (tc.wantErr == "") || (err != nil && err.Error() != tc.wantErr) {
				t.Errorf("error %v, want %q", err, tc.wantErr)
			}
			if diff := cmp.Diff(tc.wantDone, tc.world.done); diff != "" {
				t.Errorf("done (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSilentRegistryIsAskedOnce(t *testing.T) {
	w := world{pullErr: fmt.Errorf("pull: %w", docker.ErrSilent)}
	ways := w.ways(t)
	for _, image := range []Image{redis, {Name: "kafka", Ref: "apache/kafka:4"}, {Name: "etcd", Ref: "example.org/etcd:3"}} {
		if err := ways.Ensure(t.Context(), image); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"pull redis:7", "stand-in redis by new",
		"stand-in kafka by new",
		"pull example.org/etcd:3", "stand-in etcd by new",
	}
	if diff := cmp.Diff(want, w.done); diff != "" {
		t.Errorf("done (-want +got):\n%s", diff)
	}
}

func TestEnsureEndsWhenInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var w world
	ways := w.ways(t)
	ways.Pull = func(context.Context, string) error {
		cancel()
		return errors.New("killed")
	}
	if err := ways.Ensure(ctx, redis); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want canceled", err)
	}
	if len(w.done) > 0 {
		t.Errorf("done: %v", w.done)
	}
}
