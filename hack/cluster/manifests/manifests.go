// Package manifests has what is applied to a cluster when it is made.
package manifests

import (
	"bytes"
	_ "embed"
	"errors"
	"io"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

//go:embed metrics-server.yaml
var metricsServer []byte

//go:embed kube-router.yaml
var networkAgent []byte

// Objects are the objects to apply to every cluster, in order.
func Objects() ([]*unstructured.Unstructured, error) { return decode(metricsServer) }

// NetworkAgent are those that enforce network policies, for a cluster whose pod network does not.
func NetworkAgent() ([]*unstructured.Unstructured, error) { return decode(networkAgent) }

func decode(content []byte) ([]*unstructured.Unstructured, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
	var objects []*unstructured.Unstructured
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(object)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
}
