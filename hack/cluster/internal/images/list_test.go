package images

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseList(t *testing.T) {
	for name, tc := range map[string]struct {
		list    string
		want    List
		wantErr string
	}{
		"one of ours, one of others": {
			list: "images:\n- {name: web, ref: 'web:dev', dockerfile: Dockerfile}\n- {name: redis, ref: 'redis:7.0.15'}\n",
			want: List{{Name: "web", Ref: "web:dev", Dockerfile: "Dockerfile"}, {Name: "redis", Ref: "redis:7.0.15"}},
		},
		"a field that nobody reads": {
			list:    "images:\n- {name: web, ref: 'web:dev', tag: dev}\n",
			wantErr: `unknown field "tag"`,
		},
		"a name that is no folder": {
			list:    "images:\n- {name: ../web, ref: 'web:dev'}\n",
			wantErr: `name "../web": small letters, digits and dashes are wanted`,
		},
		"no tag": {
			list:    "images:\n- {name: web, ref: example.org/web}\n",
			wantErr: `image web: ref "example.org/web" needs a tag that stays what it is`,
		},
		"a tag that moves": {
			list:    "images:\n- {name: web, ref: 'example.org/web:latest'}\n",
			wantErr: `image web: ref "example.org/web:latest" needs a tag that stays what it is`,
		},
		"a name twice": {
			list:    "images:\n- {name: web, ref: 'web:1'}\n- {name: web, ref: 'web:2'}\n",
			wantErr: "image web (web:2) is there twice",
		},
		"a reference twice": {
			list:    "images:\n- {name: web, ref: 'web:1'}\n- {name: net, ref: 'web:1'}\n",
			wantErr: "image net (web:1) is there twice",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseList([]byte(tc.list))
			if (err == nil) != (tc.wantErr == "") || (err != nil && !strings.Contains(err.Error(), tc.wantErr)) {
				t.Errorf("error %v, want %q", err, tc.wantErr)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("list (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNamed(t *testing.T) {
	list := List{{Name: "web"}, {Name: "redis"}, {Name: "kafka"}}
	for name, tc := range map[string]struct {
		names   []string
		want    string
		wantErr string
	}{
		"none is all":    {want: "web redis kafka"},
		"as asked for":   {names: []string{"kafka", "redis"}, want: "kafka redis"},
		"one that isn't": {names: []string{"redis", "mail"}, wantErr: `there is no image "mail": there are web, redis, kafka`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := list.Named(tc.names)
			if (err == nil) != (tc.wantErr == "") || (err != nil && err.Error() != tc.wantErr) {
				t.Errorf("error %v, want %q", err, tc.wantErr)
			}
			if names := strings.Join(got.names(), " "); names != tc.want {
				t.Errorf("images %q, want %q", names, tc.want)
			}
		})
	}
}

const checkout = "../../../.."

func listHere(t *testing.T) List {
	t.Helper()
	list, err := ReadList(filepath.Join(checkout, "hack/images/images.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestEveryImageCanBeHadWithoutARegistry(t *testing.T) {
	for _, image := range listHere(t) {
		dockerfile := image.Dockerfile
		if dockerfile == "" {
			dockerfile = filepath.Join("hack/images", image.Name, "Dockerfile")
		}
		content, err := os.ReadFile(filepath.Join(checkout, dockerfile))
		if err != nil {
			t.Errorf("image %s: %v", image.Name, err)
			continue
		}
		users := regexp.MustCompile(`(?m)^USER [1-9][0-9]*:[1-9][0-9]*$`).FindAll(content, -1)
		if len(users) != 1 {
			t.Errorf("%s: it has to run as a user and a group that are numbers, and not root", dockerfile)
		}
	}
}

func TestImagesOfThisProjectListTheirPrograms(t *testing.T) {
	copied := regexp.MustCompile(`\$\{PROGRAMS\}/([a-z]+)`)
	for _, image := range listHere(t) {
		if image.Dockerfile == "" {
			continue
		}
		content, err := os.ReadFile(filepath.Join(checkout, image.Dockerfile))
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, match := range copied.FindAllStringSubmatch(string(content), -1) {
			found = append(found, match[1])
		}
		if len(found) == 0 {
			t.Errorf("%s copies no program", image.Dockerfile)
		}
		if diff := cmp.Diff(found, image.Programs); diff != "" {
			t.Errorf("programs of image %s (-%s +list):\n%s", image.Name, image.Dockerfile, diff)
		}
	}
}

func TestJarsAreOfTheVersionOfTheTag(t *testing.T) {
	kafka, err := listHere(t).Named([]string{"kafka"})
	if err != nil {
		t.Fatal(err)
	}
	pom, err := os.ReadFile(filepath.Join(checkout, "hack/images/kafka/pom.xml"))
	if err != nil {
		t.Fatal(err)
	}
	_, version, _ := strings.Cut(kafka[0].Ref, ":")
	if want := "<kafka.version>" + version + "</kafka.version>"; !strings.Contains(string(pom), want) {
		t.Errorf("hack/images/kafka/pom.xml has no %s", want)
	}
}

func TestExercisesRunNothingElse(t *testing.T) {
	var refs []string
	for _, image := range listHere(t) {
		refs = append(refs, image.Ref)
	}
	uses := regexp.MustCompile(`(?m)^\s*(?:- )?image: *(\S+)`)
	seen := 0
	err := filepath.WalkDir(filepath.Join(checkout, "labs"), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Base(path) != "exercise.yaml" {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, use := range uses.FindAllSubmatch(content, -1) {
			seen++
			if !slices.Contains(refs, string(use[1])) {
				t.Errorf("%s: image %s is not in hack/images/images.yaml", path, use[1])
			}
		}
		return nil
	})
	if err != nil || seen == 0 {
		t.Errorf("%d images seen, %v", seen, err)
	}
}
