package assets

import (
	"context"
	"errors"
	"testing"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/cache"
)

func TestFind(t *testing.T) {
	for name, tc := range map[string]struct {
		built       bool
		downloadErr error
		want        string
	}{
		"compiled before":             {built: true, downloadErr: errors.New("not asked"), want: "built"},
		"downloaded":                  {want: "downloaded"},
		"nowhere to download it from": {downloadErr: errors.New("refused"), want: "compiled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("LAB_OPERATOR_CACHE", t.TempDir())
			store, err := cache.Open()
			if err != nil {
				t.Fatal(err)
			}
			downloads := 0
			finder := Finder{
				Cache:      store,
				Kubernetes: "v1.37.2",
				Built:      func(context.Context) (string, bool, error) { return "built", tc.built, nil },
				Build:      func(context.Context) (string, error) { return "compiled", nil },
				Say:        t.Logf,
			}
			for range 2 {
				got, err := finder.find(t.Context(), func(context.Context) (string, error) {
					downloads++
					return "downloaded", tc.downloadErr
				})
				if err != nil || got != tc.want {
					t.Errorf("found %q, %v; want %q", got, err, tc.want)
				}
			}
			if downloads > 1 {
				t.Errorf("tried to download %d times, want it remembered", downloads)
			}
		})
	}
}

func TestMinor(t *testing.T) {
	for version, want := range map[string]string{"v1.37.2": "1.37", "1.37.0": "1.37", "master": "master"} {
		if got := minor(version); got != want {
			t.Errorf("minor(%s) = %s, want %s", version, got, want)
		}
	}
}
