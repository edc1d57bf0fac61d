package images

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/lab-operator/lab-operator/hack/cluster/internal/cache"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestRecipeNamesAllThatAStandInIsBuiltFrom(t *testing.T) {
	for name, tc := range map[string]struct {
		change      string
		wantChanged bool
	}{
		"its Dockerfile":         {change: "redis/Dockerfile", wantChanged: true},
		"a file beside it":       {change: "redis/redis.sh", wantChanged: true},
		"what all are built on":  {change: "base/Dockerfile", wantChanged: true},
		"another's":              {change: "kafka/Dockerfile"},
		"the list of the images": {change: "images.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			b := Builder{Checkout: t.TempDir()}
			for _, file := range []string{"base/Dockerfile", "redis/Dockerfile", "kafka/Dockerfile", "images.yaml"} {
				write(t, filepath.Join(b.Dir(), file), "before")
			}
			before, err := b.recipe(redis)
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(b.Dir(), tc.change), "after")
			after, err := b.recipe(redis)
			if err != nil {
				t.Fatal(err)
			}
			if (before != after) != tc.wantChanged {
				t.Errorf("recipe %s became %s, want a change: %t", before, after, tc.wantChanged)
			}
		})
	}
}

func TestThereIsNoRecipeWithoutADockerfile(t *testing.T) {
	b := Builder{Checkout: t.TempDir()}
	write(t, filepath.Join(b.Dir(), "base/Dockerfile"), "")
	write(t, filepath.Join(b.Dir(), "redis/pom.xml"), "")
	if recipe, err := b.recipe(redis); err == nil {
		t.Errorf("recipe = %s, want an error", recipe)
	}
}

func TestJarsAreTakenFromTheCache(t *testing.T) {
	// Jars are linked, so that the cache and the build are in one file system.
	top := t.TempDir()
	t.Setenv("LAB_OPERATOR_CACHE", filepath.Join(top, "cache"))
	store, err := cache.Open()
	if err != nil {
		t.Fatal(err)
	}
	b := Builder{Checkout: top, Cache: store}
	write(t, filepath.Join(b.Dir(), "redis/pom.xml"), "<project/>")
	key, err := cache.Key(os.DirFS(b.Dir()), []string{"redis/pom.xml"})
	if err != nil {
		t.Fatal(err)
	}
	write(t, store.Path("jars-redis", key, "some.jar"), "jar")
	libs := filepath.Join(top, "libs")
	if err := b.linkJars(t.Context(), redis, libs); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(filepath.Join(libs, "some.jar")); err != nil || string(content) != "jar" {
		t.Errorf("the jar: %q, %v", content, err)
	}
}
