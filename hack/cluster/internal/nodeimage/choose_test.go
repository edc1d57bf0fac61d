package nodeimage

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChoose(t *testing.T) {
	refused := errors.New("refused")
	for name, tc := range map[string]struct {
		exists            string
		pullErr, buildErr error
		want              Candidate
		wantDone          []string
		wantErr           bool
	}{
		"built before":             {exists: "local", want: Candidate{Image: "local", Built: true}},
		"pulled before":            {exists: "public", want: Candidate{Image: "public"}},
		"registry in reach":        {want: Candidate{Image: "public"}, wantDone: []string{"pull public"}},
		"registry out of reach":    {pullErr: refused, want: Candidate{Image: "local", Built: true}, wantDone: []string{"pull public", "build local"}},
		"neither pulled nor built": {pullErr: refused, buildErr: refused, wantDone: []string{"pull public", "build local"}, wantErr: true},
	} {
		t.Run(name, func(t *testing.T) {
			var done []string
			got, err := Ways{
				Local:  "local",
				Public: "public",
				Exists: func(_ context.Context, image string) bool { return image == tc.exists },
				Pull: func(_ context.Context, image string) error {
					done = append(done, "pull "+image)
					return tc.pullErr
				},
				Build: func(_ context.Context, image string) error {
					done = append(done, "build "+image)
					return tc.buildErr
				},
				Say: t.Logf,
			}.Choose(t.Context())
			if (err != nil) != tc.wantErr {
				t.Fatalf("error = %v, want an error: %t", err, tc.wantErr)
			}
			if got != tc.want {
				t.Errorf("image = %+v, want %+v", got, tc.want)
			}
			if diff := cmp.Diff(tc.wantDone, done); diff != "" {
				t.Errorf("done (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChooseEndsWhenInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Ways{
		Exists: func(context.Context, string) bool { return false },
		Pull: func(context.Context, string) error {
			cancel()
			return errors.New("killed")
		},
		Build: func(context.Context, string) error {
			t.Error("a build was started")
			return nil
		},
		Say: t.Logf,
	}.Choose(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want canceled", err)
	}
}
