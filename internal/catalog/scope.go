package catalog

import (
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// MapperScope looks the scope of kinds up in a REST mapper.
func MapperScope(mapper meta.RESTMapper) Scoper { return mapperScope{mapper} }

type mapperScope struct{ mapper meta.RESTMapper }

func (m mapperScope) IsNamespaced(gk schema.GroupKind, version string) (bool, error) {
	mapping, err := m.mapper.RESTMapping(gk, version)
	if err != nil {
		return false, err
	}
	return mapping.Scope.Name() == meta.RESTScopeNameNamespace, nil
}
