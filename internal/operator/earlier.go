package operator

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/client-go/discovery"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// earlierVersions are the versions of our group that the cluster serves and that this operator does not read: an earlier
// edition left its CustomResourceDefinitions, and perhaps objects.
func (i *installation) earlierVersions(ctx context.Context) ([]string, error) {
	asking := discovery.ToServerGroupsInterfaceWithContext(i.client.Discovery())
	groups, err := asking.ServerGroupsWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask the API server for its groups: %w", err)
	}
	var versions []string
	for _, group := range groups.Groups {
		if group.Name != v1beta1.GroupVersion.Group {
			continue
		}
		for _, served := range group.Versions {
			versions = append(versions, served.GroupVersion)
		}
	}
	versions = slices.DeleteFunc(versions, func(version string) bool { return version == v1beta1.GroupVersion.String() })
	slices.Sort(versions)
	return versions, nil
}

// adviceOnEarlier says what to do about kinds of earlier versions: there is no conversion, and nothing is deleted by itself.
func (i *installation) adviceOnEarlier(ctx context.Context, versions []string) (string, error) {
	asking := discovery.ToServerResourcesInterfaceWithContext(i.client.Discovery())
	var names []string
	for _, version := range versions {
		served, err := asking.ServerResourcesForGroupVersionWithContext(ctx, version)
		if err != nil {
			return "", fmt.Errorf("ask the API server for the kinds of %s: %w", version, err)
		}
		for _, resource := range served.APIResources {
			name := resource.Name + "." + v1beta1.GroupVersion.Group
			if !strings.Contains(resource.Name, "/") && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return fmt.Sprintf("the cluster has kinds of %s, which this operator does not read. It deletes nothing. Keep what you need "+
		"(kubectl get %s -A -o yaml > earlier.yaml), end the labs with the operator that made them (delete the Workshops, then the "+
		"Labs), delete the kinds (kubectl delete customresourcedefinition %s), and then install again",
		strings.Join(versions, ", "), strings.Join(names, ","), strings.Join(names, " ")), nil
}
