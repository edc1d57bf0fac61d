// Package images provides the images that exercises and tests run: built from this
// checkout, pulled, or replaced by stand-ins where no registry answers.
package images

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Image is an entry of the list.
type Image struct {
	// Name is what it is called here, and the folder of its stand-in in hack/images.
	Name string `json:"name"`
	// Ref is the reference under which pods ask for it.
	Ref string `json:"ref"`
	// Dockerfile is set for an image of this project: a file of the checkout, built with its top as the context.
	Dockerfile string `json:"dockerfile,omitempty"`
	// Programs are what an image of this project holds: files in bin/linux-<architecture>/.
	Programs []string `json:"programs,omitempty"`
}

// List is all images, in the order in which they are provided.
type List []Image

// ReadList reads the list of a file.
func ReadList(path string) (List, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	list, err := parseList(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return list, nil
}

var (
	validName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	// fixedRef has a tag: without one it would be latest, which is pulled each time.
	fixedRef = regexp.MustCompile(`^[a-z0-9./-]+:[A-Za-z0-9._-]+$`)
)

func parseList(content []byte) (List, error) {
	var file struct {
		Images List `json:"images"`
	}
	if err := yaml.UnmarshalStrict(content, &file); err != nil {
		return nil, err
	}
	names, refs := map[string]bool{}, map[string]bool{}
	for _, image := range file.Images {
		switch {
		case !validName.MatchString(image.Name):
			return nil, fmt.Errorf("name %q: small letters, digits and dashes are wanted", image.Name)
		case !fixedRef.MatchString(image.Ref) || strings.HasSuffix(image.Ref, ":latest"):
			return nil, fmt.Errorf("image %s: ref %q needs a tag that stays what it is", image.Name, image.Ref)
		case names[image.Name] || refs[image.Ref]:
			return nil, fmt.Errorf("image %s (%s) is there twice", image.Name, image.Ref)
		}
		names[image.Name], refs[image.Ref] = true, true
	}
	return file.Images, nil
}

// Named returns the images of the given names, or all if none is given.
func (l List) Named(names []string) (List, error) {
	if len(names) == 0 {
		return l, nil
	}
	var chosen List
	for _, name := range names {
		i := slices.IndexFunc(l, func(image Image) bool { return image.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no image %q: there are %s", name, strings.Join(l.names(), ", "))
		}
		chosen = append(chosen, l[i])
	}
	return chosen, nil
}

func (l List) names() []string {
	names := make([]string, 0, len(l))
	for _, image := range l {
		names = append(names, image.Name)
	}
	return names
}
